//! Connected parts of a mask.

use super::{Mask, Run};

impl Mask {
    /// 8-connected parts, ordered by their first pixel.
    pub fn components(&self) -> Vec<Mask> {
        let mut parent: Vec<usize> = (0..self.runs.len()).collect();
        let mut above_from = 0;
        for (index, run) in self.runs.iter().enumerate() {
            let row = run.start / self.cols;
            // Runs are ordered, so those of the row above are found by walking on.
            while self.runs[above_from].start / self.cols + 1 < row {
                above_from += 1;
            }
            for above in above_from..index {
                let other = self.runs[above];
                if other.start / self.cols == row {
                    break;
                }
                if meets_below(other, *run, self.cols) {
                    join(&mut parent, above, index);
                }
            }
        }
        let mut parts: Vec<Vec<Run>> = Vec::new();
        let mut part_of_root = vec![usize::MAX; self.runs.len()];
        for (index, run) in self.runs.iter().enumerate() {
            let root = root(&mut parent, index);
            if part_of_root[root] == usize::MAX {
                part_of_root[root] = parts.len();
                parts.push(Vec::new());
            }
            parts[part_of_root[root]].push(*run);
        }
        parts
            .into_iter()
            .map(|runs| Mask::of_runs(self.rows, self.cols, runs))
            .collect()
    }
}

/// Whether a run meets one of the next row, corners counted.
fn meets_below(above: Run, below: Run, cols: u32) -> bool {
    let (above_start, below_start) = (above.start % cols, below.start % cols);
    above_start <= below_start + below.len && below_start <= above_start + above.len
}

fn root(parent: &mut [usize], mut index: usize) -> usize {
    while parent[index] != index {
        parent[index] = parent[parent[index]];
        index = parent[index];
    }
    index
}

/// The smaller index becomes the root.
fn join(parent: &mut [usize], left: usize, right: usize) {
    let (left, right) = (root(parent, left), root(parent, right));
    parent[left.max(right)] = left.min(right);
}
