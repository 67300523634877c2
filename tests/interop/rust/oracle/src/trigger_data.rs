//! What happened, as its JSON is read and as its binary form is made: the order of fields and variants is the format.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
pub enum TriggerData {
    CosmosContractEvent {
        contract_address: String,
        chain: String,
        event: CosmosEvent,
        block_height: u64,
        event_index: u64,
    },
    EvmContractEvent {
        chain: String,
        contract_address: Bytes,
        log_data: LogData,
        tx_hash: Bytes,
        block_number: u64,
        log_index: u64,
        block_hash: Bytes,
        block_timestamp: Option<u64>,
        tx_index: u64,
    },
    BlockInterval {
        chain: String,
        block_height: u64,
    },
    Cron {
        trigger_time: u64,
    },
    AtProtoEvent(AtProtoEvent),
    HypercoreAppend {
        feed_key: String,
        index: u64,
        data: Vec<u8>,
    },
    Raw(Vec<u8>),
}

#[derive(Serialize, Deserialize)]
pub struct CosmosEvent {
    #[serde(rename = "type")]
    ty: String,
    attributes: Vec<Attribute>,
}

#[derive(Serialize, Deserialize)]
struct Attribute {
    key: String,
    value: String,
}

#[derive(Serialize, Deserialize)]
pub struct LogData {
    topics: Vec<Bytes>,
    data: Bytes,
}

/// Without sequence and timestamp, which differ between relays, and in the order of the format.
#[derive(Serialize, Deserialize)]
pub struct AtProtoEvent {
    repo: String,
    collection: String,
    rkey: String,
    action: Action,
    cid: Option<String>,
    record: Option<serde_json::Value>,
    rev: Option<String>,
    op_index: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Create,
    Update,
    Delete,
}

impl TriggerData {
    /// What tells events of one workflow apart, unless a component gives its own.
    pub fn salt(&self) -> Result<Vec<u8>, bincode::error::EncodeError> {
        let config = bincode::config::standard();
        match self {
            TriggerData::AtProtoEvent(event) => bincode::serde::encode_to_vec(event, config),
            other => bincode::serde::encode_to_vec(other, config),
        }
    }
}

/// Hexadecimal digits in JSON, a byte string in binary.
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        decode_hex(text.trim_start_matches("0x")).map(Bytes).ok_or_else(|| serde::de::Error::custom("no hex"))
    }
}

pub fn decode_hex(digits: &str) -> Option<Vec<u8>> {
    if digits.len() % 2 != 0 {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
}

pub fn encode_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
