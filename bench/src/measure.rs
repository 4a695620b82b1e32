//! Timing, and what the table says about it.

use std::time::{Duration, Instant};

/// What was measured several times.
#[derive(Debug, Clone)]
pub struct Samples(Vec<Duration>);

impl Samples {
    /// Of times taken elsewhere; there must be at least one.
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    pub fn min(&self) -> Duration {
        self.0.first().copied().unwrap_or_default()
    }

    pub fn median(&self) -> Duration {
        self.0.get(self.0.len() / 2).copied().unwrap_or_default()
    }

    pub fn max(&self) -> Duration {
        self.0.last().copied().unwrap_or_default()
    }
}

/// What many callers got done side by side.
#[derive(Debug, Clone)]
pub struct Throughput {
    times: Samples,
    within: Duration,
}

impl Throughput {
    /// Times of all calls that began and ended within a stretch.
    pub fn of(times: Vec<Duration>, within: Duration) -> Self {
        Self {
            times: Samples::of(times),
            within,
        }
    }

    pub fn per_second(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "calls stay far below 2^53")]
        let calls = self.times.0.len() as f64;
        calls / self.within.as_secs_f64()
    }

    pub fn p50(&self) -> Duration {
        self.times.median()
    }

    pub fn p99(&self) -> Duration {
        let times = &self.times.0;
        times
            .get(times.len() * 99 / 100)
            .copied()
            .unwrap_or_default()
    }
}

/// A clock for one measure.
pub struct Watch(Instant);

impl Watch {
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn stop(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Runs something so many times after once for warming up; the error of the first run that fails.
#[macro_export]
macro_rules! sample {
    ($times:expr, $what:expr) => {{
        let mut times = Vec::new();
        for nth in 0..=$times {
            let watch = $crate::measure::Watch::start();
            $what;
            if nth > 0 {
                times.push(watch.stop());
            }
        }
        $crate::measure::Samples::of(times)
    }};
}
