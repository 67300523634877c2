//! Answers questions about formats with the crates that other nodes use, one line for each line of standard input.
//!
//! `cron <seconds> <count> <expression>` → `invalid`, or the next instants after `<seconds>` in seconds, by spaces.

use std::io::{self, BufRead, Write};
use std::str::FromStr;

use chrono::DateTime;
use cron::Schedule;

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        let answer = match line.split_once(' ') {
            Some(("cron", rest)) => next_fires(rest),
            _ => None,
        };
        writeln!(out, "{}", answer.unwrap_or_else(|| "no such question".into()))?;
        out.flush()?;
    }
    Ok(())
}

fn next_fires(question: &str) -> Option<String> {
    let (after, rest) = question.split_once(' ')?;
    let (count, expression) = rest.split_once(' ')?;
    let after = DateTime::from_timestamp(after.parse().ok()?, 0)?;
    let Ok(schedule) = Schedule::from_str(expression) else {
        return Some("invalid".into());
    };
    let fires = schedule.after(&after).take(count.parse().ok()?);
    Some(fires.map(|at| at.timestamp().to_string()).collect::<Vec<_>>().join(" "))
}
