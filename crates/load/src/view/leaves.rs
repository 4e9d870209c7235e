//! Which partitions are shown where there is no room for all.

/// Divides `room` lines among tables that want `wanted` lines each: nobody gets more than they
/// want, and what small tables leave goes to the large ones.
pub fn share(wanted: &[usize], room: usize) -> Vec<usize> {
    let mut given = vec![0; wanted.len()];
    let mut left = room;
    while left > 0 {
        let hungry: Vec<_> = (0..wanted.len()).filter(|n| given[*n] < wanted[*n]).collect();
        if hungry.is_empty() {
            break;
        }
        let each = (left / hungry.len()).max(1);
        for n in hungry {
            let more = each.min(wanted[n] - given[n]).min(left);
            given[n] += more;
            left -= more;
        }
    }
    given
}

/// The positions of the partitions that `lines` lines can show, in their order: all of them, or
/// the busiest and a line left for what is said about the others.
pub fn busiest(rows: &[u64], lines: usize) -> Vec<usize> {
    let mut shown: Vec<_> = (0..rows.len()).collect();
    if rows.len() > lines {
        shown.sort_by_key(|n| std::cmp::Reverse(rows[*n]));
        shown.truncate(lines.saturating_sub(1));
        shown.sort_unstable();
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_small_tables_leave_goes_to_the_large_ones() {
        assert_eq!(share(&[4, 100, 4], 40), [4, 32, 4]);
        assert_eq!(share(&[4, 4], 40), [4, 4]);
        assert_eq!(share(&[5, 5, 5], 2), [1, 1, 0]);
        assert_eq!(share(&[], 9), [0; 0]);
    }

    #[test]
    fn the_busiest_stay_in_their_order() {
        assert_eq!(busiest(&[7, 0, 9, 8], 4), [0, 1, 2, 3]);
        assert_eq!(busiest(&[7, 0, 9, 8], 3), [2, 3]);
        assert_eq!(busiest(&[7, 0, 9, 8], 0), [0; 0]);
    }
}
