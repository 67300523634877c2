//! What the peer speaks, with the parameters of the specification.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::time::Duration;

use libp2p::identity::Keypair;
use libp2p::kad::store::MemoryStore;
use libp2p::request_response::ProtocolSupport;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::swarm::NetworkBehaviour;
use libp2p::{gossipsub, identify, kad, mdns, request_response, StreamProtocol};

use crate::catch_up::CatchUpCodec;
use crate::Failure;

#[derive(Clone, Copy, PartialEq)]
pub enum Mode {
    /// Peers are found by mDNS.
    Local,
    /// Peers are found by Kademlia.
    Remote,
    /// Nobody is found: only who is dialled, or dials, is spoken to.
    Alone,
}

#[derive(NetworkBehaviour)]
pub struct Behaviour {
    pub gossip: gossipsub::Behaviour,
    pub identify: identify::Behaviour,
    pub catch_up: request_response::Behaviour<CatchUpCodec>,
    pub mdns: Toggle<mdns::tokio::Behaviour>,
    pub kademlia: Toggle<kad::Behaviour<MemoryStore>>,
}

impl Behaviour {
    pub fn new(key: &Keypair, mode: Mode, longest_frame: usize) -> Result<Self, Failure> {
        let own = key.public().to_peer_id();
        let signed = gossipsub::MessageAuthenticity::Signed(key.clone());
        let catch_up = (StreamProtocol::new("/wavs/catchup/1.0.0"), ProtocolSupport::Full);
        let kademlia = || {
            let config = kad::Config::new(StreamProtocol::new("/ipfs/kad/1.0.0"));
            let mut kademlia = kad::Behaviour::with_config(own, MemoryStore::new(own), config);
            kademlia.set_mode(Some(kad::Mode::Server));
            kademlia
        };
        let mdns = match mode {
            Mode::Local => Some(mdns::tokio::Behaviour::new(mdns::Config::default(), own)?),
            Mode::Remote | Mode::Alone => None,
        };
        Ok(Self {
            gossip: gossipsub::Behaviour::new(signed, gossip_config(mode, longest_frame)?)?,
            identify: identify::Behaviour::new(identify::Config::new("/wavs/1.0.0".into(), key.public())),
            catch_up: request_response::Behaviour::new(
                [catch_up],
                request_response::Config::default().with_request_timeout(Duration::from_secs(30)),
            ),
            mdns: mdns.into(),
            kademlia: (mode == Mode::Remote).then(kademlia).into(),
        })
    }
}

fn gossip_config(mode: Mode, longest_frame: usize) -> Result<gossipsub::Config, Failure> {
    let mut builder = gossipsub::ConfigBuilder::default();
    builder
        .validation_mode(gossipsub::ValidationMode::Strict)
        .message_id_fn(message_id)
        .max_transmit_size(longest_frame);
    match mode {
        Mode::Local => builder
            .heartbeat_interval(Duration::from_millis(100))
            .mesh_outbound_min(0)
            .mesh_n_low(0)
            .mesh_n(1)
            .mesh_n_high(2)
            .duplicate_cache_time(Duration::from_secs(30))
            .history_length(3)
            .history_gossip(2),
        Mode::Remote | Mode::Alone => builder
            .heartbeat_interval(Duration::from_secs(1))
            .mesh_n_low(4)
            .mesh_n(6)
            .mesh_n_high(12)
            .duplicate_cache_time(Duration::from_secs(60)),
    };
    Ok(builder.build().map_err(|error| error.to_string())?)
}

/// By the standard library's hasher, which the specification spells out.
fn message_id(message: &gossipsub::Message) -> gossipsub::MessageId {
    let mut hasher = DefaultHasher::new();
    message.data.hash(&mut hasher);
    message.source.hash(&mut hasher);
    message.topic.as_str().hash(&mut hasher);
    gossipsub::MessageId::from(hasher.finish().to_string())
}
