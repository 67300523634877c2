//! An operator's peer on the crates that other nodes use, which our network must understand and be understood by.
//!
//! Arguments: `local`, `remote` or `alone`, the longest frame it takes, addresses to begin with. Reads lines, `join <topic>`,
//! `leave <topic>`, `publish <topic> <hex>`, `offer <service> <json>`, `ask <service>`, `dial <address>` and
//! `disconnect`; says what happens as lines of JSON.

mod behaviour;
mod catch_up;
mod peer;

use std::error::Error;

use libp2p::{noise, tcp, yamux, Multiaddr, SwarmBuilder};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::behaviour::{Behaviour, Mode};
use crate::peer::Peer;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let mode = match arguments.next().as_deref() {
        Some("local") => Mode::Local,
        Some("remote") => Mode::Remote,
        Some("alone") => Mode::Alone,
        _ => return Err("local, remote or alone?".into()),
    };
    let longest_frame: usize = arguments.next().ok_or("how long may a frame be?")?.parse()?;
    let bootstrap: Vec<Multiaddr> = arguments.map(|address| address.parse()).collect::<Result<_, _>>()?;
    let mut swarm = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(
            tcp::Config::default().nodelay(true),
            noise::Config::new,
            yamux::Config::default,
        )?
        .with_behaviour(|key| Behaviour::new(key, mode, longest_frame))?
        .build();
    swarm.listen_on("/ip4/127.0.0.1/tcp/0".parse()?)?;
    for address in bootstrap {
        swarm.dial(address)?;
    }
    let mut peer = Peer::new(swarm);
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        tokio::select! {
            line = lines.next_line() => match line? {
                None => return Ok(()),
                Some(line) => peer.perform(&line)?,
            },
            event = peer.next_event() => peer.handle(event)?,
        }
    }
}
