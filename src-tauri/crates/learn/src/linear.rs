//! Small dense symmetric systems, row-major, in f64.

/// Lower Cholesky factor of a symmetric positive definite `size` x `size` matrix, in place (the
/// upper half is left as it was). `None` when it is not positive definite.
pub(crate) fn cholesky(matrix: &mut [f64], size: usize) -> Option<()> {
    for row in 0..size {
        for col in 0..=row {
            let (row_start, col_start) = (row * size, col * size);
            let known: f64 = matrix[row_start..row_start + col]
                .iter()
                .zip(&matrix[col_start..col_start + col])
                .map(|(a, b)| a * b)
                .sum();
            let left = matrix[row_start + col] - known;
            if row == col {
                if left <= 0.0 || !left.is_finite() {
                    return None;
                }
                matrix[row_start + col] = left.sqrt();
            } else {
                matrix[row_start + col] = left / matrix[col_start + col];
            }
        }
    }
    Some(())
}

/// Solves `factor factor^T x = right` in place.
pub(crate) fn solve(factor: &[f64], size: usize, right: &mut [f64]) {
    for row in 0..size {
        let known: f64 = (0..row).map(|col| factor[row * size + col] * right[col]).sum();
        right[row] = (right[row] - known) / factor[row * size + row];
    }
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size)
            .map(|below| factor[below * size + row] * right[below])
            .sum();
        right[row] = (right[row] - known) / factor[row * size + row];
    }
}

/// Inverse of a symmetric positive definite matrix; `None` when it is not.
pub(crate) fn inverse(mut matrix: Vec<f64>, size: usize) -> Option<Vec<f64>> {
    cholesky(&mut matrix, size)?;
    let mut inverse = vec![0.0; size * size];
    for col in 0..size {
        // The matrix is symmetric: a column of the inverse is a row of it.
        let unit = &mut inverse[col * size..(col + 1) * size];
        unit[col] = 1.0;
        solve(&matrix, size, unit);
    }
    Some(inverse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_times_its_inverse_is_one() {
        let matrix = vec![4.0, 2.0, 0.6, 2.0, 5.0, 1.0, 0.6, 1.0, 3.0];
        let inverse = inverse(matrix.clone(), 3).expect("positive definite");
        for row in 0..3 {
            for col in 0..3 {
                let product: f64 = (0..3).map(|k| matrix[row * 3 + k] * inverse[k * 3 + col]).sum();
                assert!(
                    (product - f64::from(u8::from(row == col))).abs() < 1e-12,
                    "{row} {col} {product}"
                );
            }
        }
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_is_refused() {
        assert_eq!(inverse(vec![1.0, 2.0, 2.0, 1.0], 2), None);
        assert_eq!(inverse(vec![0.0], 1), None);
        assert_eq!(inverse(vec![f64::NAN], 1), None);
    }
}
