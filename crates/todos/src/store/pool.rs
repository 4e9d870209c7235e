//! Connections as Partition Lab makes them (TLS, timeouts), in a pool.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use deadpool_postgres::{
    Connect, Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime,
};
use lab::connect::Connector;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, Error};

/// How long a method waits for a connection to come free, or to be made.
const PATIENCE: Duration = Duration::from_secs(5);

/// One plan for all users, pruned when it begins to run. A plan for this user's values is pruned before, locks 10 relations for a
/// list instead of 18 (16 partitions), and takes so long to make that a list takes 1.5 times as long: docs/benchmarks.md.
const SETTINGS: &str = "SET plan_cache_mode = force_generic_plan";

/// Makes connections when they are asked for, `size` of them at most.
///
/// An application without Partition Lab builds its own [`Pool`]; `SET plan_cache_mode = force_generic_plan` is what it should say on
/// each connection.
#[must_use]
pub fn pool(connector: &Connector, size: usize) -> Pool {
    let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_connect(Config::new(), Lab(connector.clone()), config);
    let set = Hook::async_fn(|client, _| {
        Box::pin(async move { client.batch_execute(SETTINGS).await.map_err(HookError::Backend) })
    });
    let builder = Pool::builder(manager)
        .max_size(size.max(1))
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(PATIENCE))
        .create_timeout(Some(PATIENCE))
        .post_create(set);
    match builder.build() {
        Ok(pool) => pool,
        Err(error) => unreachable!("a pool with timeouts has a runtime: {error}"),
    }
}

struct Lab(Connector);

type Connecting<'a> =
    Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + 'a>>;

impl Connect for Lab {
    fn connect(&self, _: &Config) -> Connecting<'_> {
        Box::pin(self.0.open_client())
    }
}
