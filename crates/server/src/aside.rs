//! Work that may take long, done beside the threads that serve requests: large bodies, whose reading and rules take up to seconds.

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::block_in_place,
};

/// Bytes from which work is large. What is smaller is done where it is: handing a thread over would take longer.
const LARGE: usize = 16 << 10;

/// Does work on a text of a number of bytes. Where that is large, other tasks of the thread continue meanwhile.
pub fn aside<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    let has_other_threads = Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread;
    if bytes >= LARGE && has_other_threads {
        block_in_place(work)
    } else {
        work()
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use tokio::task::JoinSet;

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn large_work_lets_other_tasks_of_its_thread_go_on() {
        let (told, hears) = mpsc::channel();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { aside(LARGE, || hears.recv_timeout(Duration::from_secs(60))).is_ok() });
        tasks.spawn(async move { told.send(()).is_ok() });
        assert_eq!(tasks.join_all().await, [true, true]);
    }
}
