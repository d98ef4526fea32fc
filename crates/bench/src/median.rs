//! Medians of several runs: machines are noisy.

use crate::load::Measured;

/// Measures several times; every figure is the median of its own.
pub async fn median(runs: u32, measure: impl AsyncFn() -> anyhow::Result<Measured>) -> anyhow::Result<Measured> {
    let mut all = vec![measure().await?];
    for _ in 1..runs {
        all.push(measure().await?);
    }
    Ok(of(&all))
}

fn of(all: &[Measured]) -> Measured {
    let middle = |figure: &dyn Fn(&Measured) -> f64| {
        let mut figures: Vec<f64> = all.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    let latency = |index: usize| middle(&|one: &Measured| one.latency.map_or(0.0, |latency| latency[index]));
    Measured {
        rate: middle(&|one| one.rate),
        latency: all[0].latency.map(|_| [latency(0), latency(1), latency(2)]),
        cpu: [0, 1].map(|index| middle(&|one: &Measured| one.cpu[index])),
        count: all.iter().map(|one| one.count).sum(),
        ..all[0].clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_is_the_median_of_its_own() {
        let run = |rate: f64, p99: f64, cpu: f64| Measured {
            name: "POST".to_owned(),
            bar: String::new(),
            count: 10,
            rate,
            latency: Some([1.0, 2.0, p99]),
            cpu: [cpu, 2.0 * cpu],
            narrow: None,
        };
        let median = of(&[run(9.0, 5.0, 30.0), run(1.0, 70.0, 10.0), run(5.0, 6.0, 20.0)]);
        assert_eq!(
            (median.rate, median.latency, median.cpu),
            (5.0, Some([1.0, 2.0, 6.0]), [20.0, 40.0])
        );
        assert_eq!(median.count, 30);
    }
}
