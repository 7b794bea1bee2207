//! What tests share: storage fixtures for both engines and the suite that each must pass.
