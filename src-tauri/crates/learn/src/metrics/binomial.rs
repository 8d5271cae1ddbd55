//! Exact binomial bounds (Clopper and Pearson 1934) through the incomplete beta function.

/// Two-sided bounds of a share seen as `hits` of `trials`, each side missing with `(1 - confidence) / 2`.
/// Shape: (low, high) in 0..=1. Without trials nothing is known: (0, 1).
pub fn clopper_pearson(hits: u64, trials: u64, confidence: f64) -> (f64, f64) {
    let tail = (1.0 - confidence) / 2.0;
    let high = if hits >= trials {
        1.0
    } else {
        1.0 - bound_below(trials - hits, trials, tail)
    };
    (bound_below(hits, trials, tail), high)
}

/// One-sided lower bound: the share is at least this with the given confidence.
pub fn lower_bound(hits: u64, trials: u64, confidence: f64) -> f64 {
    bound_below(hits, trials, 1.0 - confidence)
}

/// The share at which `hits` or more of `trials` would be seen with probability `tail`:
/// the `tail` quantile of Beta(hits, trials - hits + 1).
fn bound_below(hits: u64, trials: u64, tail: f64) -> f64 {
    if hits == 0 || trials == 0 {
        return 0.0;
    }
    let (a, b) = (hits.min(trials) as f64, (trials - hits.min(trials)) as f64 + 1.0);
    let (mut low, mut high) = (0.0, 1.0);
    // 60 halvings are beyond the last bit of an f64 in 0..1.
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if beta_cdf(middle, a, b) < tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

/// Regularised incomplete beta function I_x(a, b), by the continued fraction of DLMF 8.17.22.
fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln()).exp();
    // The fraction converges fast below the mean; above it the symmetric form is used.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(x, a, b) / a
    } else {
        1.0 - front * beta_fraction(1.0 - x, b, a) / b
    }
}

/// Modified Lentz evaluation.
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    let guarded = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / guarded(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..10_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guarded(1.0 + even * d);
        c = guarded(1.0 + even / c);
        fraction *= c * d;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guarded(1.0 + odd * d);
        c = guarded(1.0 + odd / c);
        let step = c * d;
        fraction *= step;
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

/// Natural logarithm of the gamma function for x > 0: Stirling's series (DLMF 5.11.1) after shifting x above 15.
fn ln_gamma(x: f64) -> f64 {
    let mut shifted = x;
    let mut product = 1.0;
    while shifted < 15.0 {
        product *= shifted;
        shifted += 1.0;
    }
    let inverse = 1.0 / shifted;
    let square = inverse * inverse;
    let series = inverse
        * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0))));
    (shifted - 0.5) * shifted.ln() - shifted + 0.5 * (2.0 * std::f64::consts::PI).ln() + series - f64::ln(product)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64, slack: f64) {
        assert!((found - expected).abs() < slack, "{found} is not {expected}");
    }

    #[test]
    fn no_hit_and_all_hits_have_closed_forms() {
        let (low, high) = clopper_pearson(0, 10, 0.95);
        assert_eq!(low, 0.0);
        near(high, 1.0 - 0.025_f64.powf(0.1), 1e-12);
        let (low, high) = clopper_pearson(10, 10, 0.95);
        near(low, 0.025_f64.powf(0.1), 1e-12);
        assert_eq!(high, 1.0);
        assert_eq!(clopper_pearson(0, 0, 0.95), (0.0, 1.0));
    }

    #[test]
    fn the_tabulated_bounds_of_five_of_ten() {
        let (low, high) = clopper_pearson(5, 10, 0.95);
        near(low, 0.187_086, 1e-6);
        near(high, 0.812_914, 1e-6);
    }

    #[test]
    fn fifty_nine_is_the_smallest_set_that_can_certify_95_percent() {
        assert!(lower_bound(59, 59, 0.95) >= 0.95);
        assert!(lower_bound(58, 58, 0.95) < 0.95);
    }

    #[test]
    fn the_bound_solves_the_binomial_tail() {
        for (hits, trials) in [(3_u64, 12_u64), (40, 41), (150, 423), (2917, 4039), (1, 5000)] {
            let bound = lower_bound(hits, trials, 0.95);
            // P(X >= hits) at the bound is 5 %, summed term by term.
            let tail: f64 = (hits..=trials)
                .map(|k| {
                    let choose =
                        ln_gamma(trials as f64 + 1.0) - ln_gamma(k as f64 + 1.0) - ln_gamma((trials - k) as f64 + 1.0);
                    (choose + k as f64 * bound.ln() + (trials - k) as f64 * (1.0 - bound).ln()).exp()
                })
                .sum();
            near(tail, 0.05, 1e-9);
        }
    }

    #[test]
    fn ln_gamma_of_integers_is_the_logarithm_of_the_factorial() {
        let mut factorial = 1.0_f64;
        for n in 1..=20 {
            near(ln_gamma(f64::from(n)), factorial.ln(), 1e-12 * factorial.ln().max(1.0));
            factorial *= f64::from(n);
        }
        near(ln_gamma(0.5), std::f64::consts::PI.sqrt().ln(), 1e-13);
    }
}
