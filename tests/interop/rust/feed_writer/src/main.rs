//! A feed's writer on the crates that other nodes use, which our source must be able to follow.
//!
//! Argument: the directory of the feed. Reads lines, `append <hex>` or `fill <count> <bytes>`, and says key, port and
//! length as a line of JSON at the start and after every line. Whoever has the feed's key and connects is served; later
//! appends are announced by their length alone, which is how these crates do it.

mod peer;

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use hypercore::{Hypercore, HypercoreBuilder, Storage};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::{watch, Mutex};

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let directory = PathBuf::from(std::env::args().nth(1).ok_or("which directory?")?);
    let storage = Storage::new_disk(&directory, false).await?;
    let is_new = !directory.join("oplog").metadata().is_ok_and(|file| file.len() > 0);
    let feed = HypercoreBuilder::new(storage).open(!is_new).build().await?;
    let (appended, _) = watch::channel(feed.info().length);
    let feed = Arc::new(Mutex::new(feed));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let serving = feed.clone();
    let lengths = appended.subscribe();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let served = peer::serve(socket, serving.clone(), lengths.clone());
            tokio::spawn(async move {
                if let Err(error) = served.await {
                    eprintln!("a peer was left: {error}");
                }
            });
        }
    });
    say(&feed, port).await?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let length = perform(&line, &feed).await?;
        appended.send_replace(length);
        say(&feed, port).await?;
    }
    Ok(())
}

async fn perform(line: &str, feed: &Mutex<Hypercore>) -> Result<u64, Failure> {
    let mut feed = feed.lock().await;
    match line.split(' ').collect::<Vec<_>>()[..] {
        ["append", digits] => {
            feed.append(&decode_hex(digits)?).await?;
        }
        ["fill", count, size] => {
            let (first, size) = (feed.info().length, size.parse()?);
            let blocks: Vec<Vec<u8>> = (first..first + count.parse::<u64>()?)
                .map(|index| block(index, size))
                .collect();
            feed.append_batch(&blocks).await?;
        }
        _ => return Err(format!("what is \"{line}\"?").into()),
    }
    Ok(feed.info().length)
}

/// What a test's writer puts at an index: the same as `tests/support/hypercore/blocks.ts`.
fn block(index: u64, size: usize) -> Vec<u8> {
    let mut state = (index as u32).wrapping_add(1).wrapping_mul(2_654_435_761);
    let mut bytes: Vec<u8> = (0..size)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    bytes[..4].copy_from_slice(&(index as u32).to_be_bytes());
    bytes
}

async fn say(feed: &Mutex<Hypercore>, port: u16) -> Result<(), Failure> {
    let feed = feed.lock().await;
    let key: String = feed
        .key_pair()
        .public
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let length = feed.info().length;
    let mut out = std::io::stdout();
    writeln!(out, "{{\"key\":\"{key}\",\"port\":{port},\"length\":{length}}}")?;
    out.flush()?;
    Ok(())
}

fn decode_hex(digits: &str) -> Result<Vec<u8>, Failure> {
    (0..digits.len())
        .step_by(2)
        .map(|at| Ok(u8::from_str_radix(digits.get(at..at + 2).ok_or("half a byte")?, 16)?))
        .collect()
}
