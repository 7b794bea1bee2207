//! Asking the server: reads go on over a fresh connection when theirs broke, writes do not.

use crate::{
    Postgres,
    errors::{failed, is_broken},
};
use herald_application::ports::StoreError;
use sqlx::{
    Postgres as Engine, QueryBuilder, Transaction,
    postgres::{PgArguments, PgRow},
    query::Query,
};

/// A server that restarted leaves several dead connections in the pool.
pub(crate) const TRIES: u32 = 3;

/// Every transaction counts on seeing what others commit meanwhile.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// As [`BEGIN`], and the commit does not wait for the disk.
const DERIVE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = off";

impl Postgres {
    /// At most one row.
    pub(crate) async fn row<'q>(
        &self,
        ask: impl Fn() -> Query<'q, Engine, PgArguments> + Send + Sync,
    ) -> Result<Option<PgRow>, StoreError> {
        let mut answer = ask().fetch_optional(&self.pool).await;
        for _ in 1..TRIES {
            match answer {
                Err(error) if is_broken(&error) => {
                    answer = ask().fetch_optional(&self.pool).await;
                }
                good_or_final => return good_or_final.map_err(failed),
            }
        }
        answer.map_err(failed)
    }

    /// Every row.
    pub(crate) async fn rows<'q>(
        &self,
        ask: impl Fn() -> Query<'q, Engine, PgArguments> + Send + Sync,
    ) -> Result<Vec<PgRow>, StoreError> {
        let mut answer = ask().fetch_all(&self.pool).await;
        for _ in 1..TRIES {
            match answer {
                Err(error) if is_broken(&error) => answer = ask().fetch_all(&self.pool).await,
                good_or_final => return good_or_final.map_err(failed),
            }
        }
        answer.map_err(failed)
    }

    /// Every row of a query that is put together at run time.
    pub(crate) async fn built_rows<'q>(
        &self,
        build: impl Fn() -> QueryBuilder<'q, Engine> + Send + Sync,
    ) -> Result<Vec<PgRow>, StoreError> {
        let mut answer = build().build().fetch_all(&self.pool).await;
        for _ in 1..TRIES {
            match answer {
                Err(error) if is_broken(&error) => {
                    answer = build().build().fetch_all(&self.pool).await;
                }
                good_or_final => return good_or_final.map_err(failed),
            }
        }
        answer.map_err(failed)
    }

    /// A transaction. Beginning may be repeated: nothing has happened yet.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Engine>, StoreError> {
        self.begin_as(BEGIN).await
    }

    /// A transaction for what follows from the log alone. Its commit does not wait for the disk: a
    /// crash of the server takes the newest of them, and they are made again. The next commit that
    /// does wait has the disk keep these as well, for the write-ahead log has one order.
    pub(crate) async fn begin_deriving(&self) -> Result<Transaction<'static, Engine>, StoreError> {
        self.begin_as(DERIVE).await
    }

    async fn begin_as(
        &self,
        statement: &'static str,
    ) -> Result<Transaction<'static, Engine>, StoreError> {
        let mut answer = self.pool.begin_with(statement).await;
        for _ in 1..TRIES {
            match answer {
                Err(error) if is_broken(&error) => answer = self.pool.begin_with(statement).await,
                good_or_final => return good_or_final.map_err(failed),
            }
        }
        answer.map_err(failed)
    }
}
