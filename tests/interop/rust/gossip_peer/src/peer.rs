//! One peer: does what it is told, and tells what it sees.

use std::collections::{HashMap, HashSet};
use std::io::Write;

use futures::StreamExt;
use libp2p::gossipsub::IdentTopic;
use libp2p::request_response::Message;
use libp2p::swarm::SwarmEvent;
use libp2p::{gossipsub, identify, kad, mdns, request_response, Multiaddr, PeerId, Swarm};
use serde_json::{json, Value};

use crate::behaviour::{Behaviour, BehaviourEvent};
use crate::Failure;

pub struct Peer {
    swarm: Swarm<Behaviour>,
    /// By service, what peers that catch up are told.
    offers: HashMap<String, Vec<String>>,
    connected: HashSet<PeerId>,
}

impl Peer {
    pub fn new(swarm: Swarm<Behaviour>) -> Self {
        Self {
            swarm,
            offers: HashMap::new(),
            connected: HashSet::new(),
        }
    }

    pub async fn next_event(&mut self) -> SwarmEvent<BehaviourEvent> {
        self.swarm.select_next_some().await
    }

    pub fn perform(&mut self, line: &str) -> Result<(), Failure> {
        match line.splitn(3, ' ').collect::<Vec<_>>()[..] {
            ["join", topic] => {
                self.swarm.behaviour_mut().gossip.subscribe(&IdentTopic::new(topic))?;
            }
            ["leave", topic] => {
                self.swarm.behaviour_mut().gossip.unsubscribe(&IdentTopic::new(topic));
            }
            ["publish", topic, digits] => {
                let published = self
                    .swarm
                    .behaviour_mut()
                    .gossip
                    .publish(IdentTopic::new(topic), hex::decode(digits)?);
                return match published {
                    Ok(_) => say(json!({ "kind": "published" })),
                    Err(error) => say(json!({ "kind": "refused", "reason": error.to_string() })),
                };
            }
            ["offer", service, document] => {
                self.offers.entry(service.into()).or_default().push(document.into());
            }
            ["ask", service] => {
                for peer in self.connected.clone() {
                    let request = format!("{{\"service_id\":\"{service}\"}}");
                    self.swarm.behaviour_mut().catch_up.send_request(&peer, request);
                }
            }
            ["dial", address] => self.swarm.dial(address.parse::<Multiaddr>()?)?,
            ["disconnect"] => {
                for peer in self.connected.clone() {
                    let _ = self.swarm.disconnect_peer_id(peer);
                }
            }
            _ => return Err(format!("what is \"{line}\"?").into()),
        }
        Ok(())
    }

    pub fn handle(&mut self, event: SwarmEvent<BehaviourEvent>) -> Result<(), Failure> {
        match event {
            SwarmEvent::NewListenAddr { address, .. } => {
                self.swarm.add_external_address(address.clone());
                let peer = self.swarm.local_peer_id().to_string();
                say(json!({ "kind": "listening", "peer": peer, "address": format!("{address}/p2p/{peer}") }))
            }
            SwarmEvent::ConnectionEstablished { peer_id, .. } => {
                self.connected.insert(peer_id);
                say(json!({ "kind": "connected", "peer": peer_id.to_string() }))
            }
            SwarmEvent::ConnectionClosed {
                peer_id,
                num_established,
                ..
            } => {
                self.swarm.behaviour_mut().gossip.remove_explicit_peer(&peer_id);
                if num_established > 0 {
                    return Ok(());
                }
                self.connected.remove(&peer_id);
                say(json!({ "kind": "disconnected", "peer": peer_id.to_string() }))
            }
            SwarmEvent::Behaviour(event) => self.handle_behaviour(event),
            _ => Ok(()),
        }
    }

    fn handle_behaviour(&mut self, event: BehaviourEvent) -> Result<(), Failure> {
        match event {
            BehaviourEvent::Gossip(gossipsub::Event::Message {
                message,
                propagation_source,
                ..
            }) => say(json!({
                "kind": "message",
                "topic": message.topic.as_str(),
                "from": message.source.map(|source| source.to_string()),
                "through": propagation_source.to_string(),
                "data": hex::encode(message.data),
            })),
            BehaviourEvent::Gossip(gossipsub::Event::Subscribed { peer_id, topic }) => {
                say(json!({ "kind": "subscribed", "peer": peer_id.to_string(), "topic": topic.as_str() }))
            }
            BehaviourEvent::Mdns(mdns::Event::Discovered(found)) => {
                for (peer, address) in found {
                    self.meet(peer, address);
                }
                Ok(())
            }
            BehaviourEvent::Identify(identify::Event::Received { peer_id, info, .. }) => {
                let behaviour = self.swarm.behaviour_mut();
                if let Some(kademlia) = behaviour.kademlia.as_mut() {
                    for address in info.listen_addrs {
                        kademlia.add_address(&peer_id, address);
                    }
                } else if !behaviour.mdns.is_enabled() {
                    behaviour.gossip.add_explicit_peer(&peer_id);
                }
                Ok(())
            }
            BehaviourEvent::Kademlia(kad::Event::RoutingUpdated {
                peer,
                is_new_peer: true,
                addresses,
                ..
            }) => {
                self.meet(peer, addresses.first().clone());
                Ok(())
            }
            BehaviourEvent::CatchUp(event) => self.handle_catch_up(event),
            _ => Ok(()),
        }
    }

    fn handle_catch_up(&mut self, event: request_response::Event<String, String>) -> Result<(), Failure> {
        match event {
            request_response::Event::Message {
                message: Message::Request { request, channel, .. },
                ..
            } => {
                let asked: Value = serde_json::from_str(&request)?;
                let service = asked["service_id"].as_str().unwrap_or_default();
                let offers = self
                    .offers
                    .get(service)
                    .map(|documents| documents.join(","))
                    .unwrap_or_default();
                let answer = format!("{{\"submissions\":[{offers}]}}");
                let _ = self.swarm.behaviour_mut().catch_up.send_response(channel, answer);
                Ok(())
            }
            request_response::Event::Message {
                peer,
                message: Message::Response { response, .. },
                ..
            } => say(json!({ "kind": "caught_up", "peer": peer.to_string(), "answer": response })),
            request_response::Event::OutboundFailure { peer, error, .. } => {
                say(json!({ "kind": "catch_up_failed", "peer": peer.to_string(), "reason": error.to_string() }))
            }
            _ => Ok(()),
        }
    }

    /// Whoever is found is an explicit peer, and dialled.
    fn meet(&mut self, peer: PeerId, address: Multiaddr) {
        self.swarm.behaviour_mut().gossip.add_explicit_peer(&peer);
        if !self.swarm.is_connected(&peer) {
            let _ = self.swarm.dial(address);
        }
    }
}

fn say(what: Value) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    writeln!(out, "{what}")?;
    out.flush()?;
    Ok(())
}
