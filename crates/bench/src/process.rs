//! What processes used, from /proc. Zero where there is none.

use std::fs;

use crate::environment::Environment;

/// Ticks of a second in /proc, on every Linux of today.
const TICKS: f64 = 100.0;

/// A process, perhaps with those it started.
pub struct Processes {
    parent: u32,
    with_children: bool,
}

impl Processes {
    /// One process alone.
    pub fn one(pid: u32) -> Self {
        Processes {
            parent: pid,
            with_children: false,
        }
    }

    /// A process and its children, also those that have ended.
    pub fn with_children(pid: u32) -> Self {
        Processes {
            parent: pid,
            with_children: true,
        }
    }

    fn pids(&self) -> Vec<u32> {
        let mut pids = vec![self.parent];
        if self.with_children {
            let task = format!("/proc/{0}/task/{0}/children", self.parent);
            let children = fs::read_to_string(task).unwrap_or_default();
            pids.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        }
        pids
    }

    /// Seconds of CPU so far.
    pub fn cpu(&self) -> f64 {
        let of = |pid: u32| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            // After the name, which may have anything in it: state is field 3, utime 14, stime 15, those of dead children 16 and 17.
            let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
            let is_parent = pid == self.parent && self.with_children;
            let ticks = fields.split(' ').skip(11).take(if is_parent { 4 } else { 2 });
            ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
        };
        self.pids().into_iter().map(of).sum()
    }

    /// Most memory held so far, in MiB: what is each process's own, and once what they share.
    pub fn memory(&self) -> f64 {
        let (mut own, mut shared, mut peak) = (0.0, 0.0_f64, 0.0);
        for pid in self.pids() {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let kib = |name: &str| -> f64 {
                let line = status.lines().find_map(|line| line.strip_prefix(name));
                line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
                    .unwrap_or_default()
            };
            own += kib("RssAnon:");
            shared = shared.max(kib("RssShmem:"));
            peak = kib("VmHWM:");
        }
        (if self.with_children { own + shared } else { peak }) / 1024.0
    }
}

/// CPU of server and database at a moment.
pub struct Usage([f64; 2]);

impl Usage {
    /// Now.
    pub fn of(environment: &Environment) -> Self {
        Usage([environment.server.cpu(), environment.database.cpu()])
    }

    /// What was used since an earlier moment.
    pub fn since(&self, before: &Usage) -> [f64; 2] {
        [self.0[0] - before.0[0], self.0[1] - before.0[1]]
    }
}
