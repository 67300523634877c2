//! One peer that was let in: told how long the feed is, and given what it asks for.

use std::sync::Arc;

use futures_lite::StreamExt;
use hypercore::Hypercore;
use hypercore_protocol::schema::{Data, NoData, Range, Request, Synchronize};
use hypercore_protocol::{discovery_key, Channel, Event, Message, ProtocolBuilder};
use tokio::net::TcpStream;
use tokio::sync::{watch, Mutex};
use tokio_util::compat::TokioAsyncReadCompatExt;

use crate::Failure;

type Feed = Arc<Mutex<Hypercore>>;

pub async fn serve(socket: TcpStream, feed: Feed, lengths: watch::Receiver<u64>) -> Result<(), Failure> {
    socket.set_nodelay(true)?;
    let key = feed.lock().await.key_pair().public.to_bytes();
    let mut protocol = ProtocolBuilder::new(false).connect(socket.compat());
    while let Some(event) = protocol.next().await {
        match event? {
            Event::DiscoveryKey(asked) if asked == discovery_key(&key) => protocol.open(key).await?,
            Event::Channel(channel) => {
                let talk = talk(channel, feed.clone(), lengths.clone());
                tokio::spawn(async move {
                    if let Err(error) = talk.await {
                        eprintln!("a channel was left: {error}");
                    }
                });
            }
            _ => {}
        }
    }
    Ok(())
}

async fn talk(mut channel: Channel, feed: Feed, mut lengths: watch::Receiver<u64>) -> Result<(), Failure> {
    let info = feed.lock().await.info();
    let mut remote_length = 0;
    let mut is_known = false;
    let mut greeting = vec![length_of(&feed, remote_length).await];
    if info.contiguous_length > 0 {
        greeting.push(Message::Range(Range {
            drop: false,
            start: 0,
            length: info.contiguous_length,
        }));
    }
    lengths.mark_unchanged();
    channel.send_batch(&greeting).await?;
    loop {
        tokio::select! {
            message = channel.next() => match message {
                None => return Ok(()),
                Some(Message::Synchronize(theirs)) => {
                    remote_length = theirs.length;
                    if !is_known {
                        channel.send(length_of(&feed, remote_length).await).await?;
                    }
                    is_known = true;
                }
                Some(Message::Request(request)) => channel.send(answer(&feed, request).await?).await?,
                Some(_) => {}
            },
            changed = lengths.changed() => {
                changed?;
                channel.send(length_of(&feed, remote_length).await).await?;
            }
        }
    }
}

async fn length_of(feed: &Feed, remote_length: u64) -> Message {
    let info = feed.lock().await.info();
    Message::Synchronize(Synchronize {
        fork: info.fork,
        length: info.length,
        remote_length,
        downloading: true,
        uploading: true,
        can_upgrade: true,
    })
}

async fn answer(feed: &Feed, request: Request) -> Result<Message, Failure> {
    let mut feed = feed.lock().await;
    let fork = feed.info().fork;
    let proof = feed
        .create_proof(request.block, request.hash, request.seek, request.upgrade)
        .await?;
    Ok(match proof {
        None => Message::NoData(NoData { request: request.id }),
        Some(proof) => Message::Data(Data {
            request: request.id,
            fork,
            block: proof.block,
            hash: proof.hash,
            seek: proof.seek,
            upgrade: proof.upgrade,
        }),
    })
}
