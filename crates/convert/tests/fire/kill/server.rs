//! The server stopped as by `pg_ctl stop -m immediate`, or a loss of power.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use testbed::Running;

use super::kills;
use super::process::killed_after;
use crate::equal::assert_equal;
use crate::fire::Fire;
use crate::own_server::OwnServer;
use crate::table::Table;
use crate::writer::connect;

/// The table that is converted: one that a person could type the name of.
const SEED: u64 = 5;

#[tokio::test]
async fn a_server_stopped_at_random_loses_nothing() {
    let own = OwnServer::start_new();
    let mut table = (*Table::invent(SEED)).clone();
    table.name = lab::catalog::Name::new("public", "orders");
    let table = std::sync::Arc::new(table);
    let server = &own.config();
    connect(server).await.batch_execute(&table.script()).await.unwrap();
    let mut fire = Fire::open(server, &table).await;
    let mut random = StdRng::seed_from_u64(SEED);
    let command = |verb: &str| {
        let mut command = own.process("convert");
        command.args(table.arguments(verb));
        command
    };
    let (mut stops, mut stopped) = (kills(3), 0);
    for verb in ["run", "swap", "rollback", "swap"].into_iter().cycle() {
        // The last round is left alone.
        let wanted = if stops == 0 { 0 } else { random.random_range(1..3) };
        for _ in 0..wanted {
            let running = Running::start(&mut command(verb));
            fire.commits(random.random_range(0..40)).await;
            own.stop_immediately();
            let ended = running.finish();
            assert!(ended.code == Some(0) || ended.code == Some(1), "{verb}: {ended:#?}");
            stops = stops.saturating_sub(1);
            stopped += 1;
            let mut writers = fire.end().await;
            own.start();
            for writer in &mut writers {
                writer.again(server).await;
                writer.check(server).await;
            }
            fire = Fire::with(writers, server, &table).await;
        }
        // Awaited: who blocks this thread holds up the writers, in the middle of their transactions.
        let done = killed_after(command(verb), usize::MAX).await;
        assert!(done.is_some(), "it was left alone");
        assert_equal(server, &table, &format!("after {verb}")).await;
        if stops == 0 && verb == "rollback" {
            break;
        }
    }
    println!("{stopped} stops");
    fire.cease(server).await;
}
