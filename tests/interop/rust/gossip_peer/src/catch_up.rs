//! The catch-up protocol: one JSON document each way, the end of the stream half for a delimiter.

use std::io;

use async_trait::async_trait;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::request_response::Codec;
use libp2p::StreamProtocol;

const MAX_REQUEST_BYTES: u64 = 1_024;
const MAX_ANSWER_BYTES: u64 = 10 * 1_024 * 1_024;

/// Documents as they travel: what they say is for the tests to judge.
#[derive(Clone, Default)]
pub struct CatchUpCodec;

#[async_trait]
impl Codec for CatchUpCodec {
    type Protocol = StreamProtocol;
    type Request = String;
    type Response = String;

    async fn read_request<T>(&mut self, _: &Self::Protocol, io: &mut T) -> io::Result<String>
    where
        T: AsyncRead + Unpin + Send,
    {
        read_to_end(io, MAX_REQUEST_BYTES).await
    }

    async fn read_response<T>(&mut self, _: &Self::Protocol, io: &mut T) -> io::Result<String>
    where
        T: AsyncRead + Unpin + Send,
    {
        read_to_end(io, MAX_ANSWER_BYTES).await
    }

    async fn write_request<T>(&mut self, _: &Self::Protocol, io: &mut T, document: String) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        io.write_all(document.as_bytes()).await?;
        io.close().await
    }

    async fn write_response<T>(&mut self, _: &Self::Protocol, io: &mut T, document: String) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        io.write_all(document.as_bytes()).await?;
        io.close().await
    }
}

async fn read_to_end<T>(io: &mut T, limit: u64) -> io::Result<String>
where
    T: AsyncRead + Unpin + Send,
{
    let mut document = String::new();
    io.take(limit).read_to_string(&mut document).await?;
    Ok(document)
}
