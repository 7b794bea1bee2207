//! A content plan: a brief, generated proposals, review, approval, posts.
