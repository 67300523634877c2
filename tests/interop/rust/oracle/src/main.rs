//! Answers questions about formats with the crates that other nodes use, one line for each line of standard input.
//!
//! `cron <seconds> <count> <expression>` → `invalid`, or the next instants after `<seconds>` in seconds, by spaces.
//! `event <service id> <workflow id> <trigger data as JSON>` → the event id, a space, and the salt, in hex.

mod trigger_data;

use std::io::{self, BufRead, Write};
use std::str::FromStr;

use chrono::DateTime;
use cron::Schedule;
use ripemd::{Digest, Ripemd160};
use trigger_data::{decode_hex, encode_hex, TriggerData};

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        let answer = match line.split_once(' ') {
            Some(("cron", rest)) => next_fires(rest),
            Some(("event", rest)) => event_id(rest),
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

fn event_id(question: &str) -> Option<String> {
    let (service, rest) = question.split_once(' ')?;
    let (workflow, json) = rest.split_once(' ')?;
    let data: TriggerData = match serde_json::from_str(json) {
        Ok(data) => data,
        Err(error) => return Some(format!("unreadable: {error}")),
    };
    let salt = data.salt().ok()?;
    let mut hash = Ripemd160::new();
    hash.update(decode_hex(service)?);
    hash.update(workflow);
    hash.update(&salt);
    Some(format!("{} {}", encode_hex(&hash.finalize()), encode_hex(&salt)))
}
