//! The framed protocol between the application and `overread-worker`, over the worker's stdin and
//! stdout. A frame is two little-endian u32 lengths, a JSON message and a block of raw bytes.
//! The first exchange is `Hello`: both sides must speak the same version.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use domain::{Device, Precision, Sentence};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::bundle::Runtime;
use crate::input::Letterbox;
use crate::tensors::{Tensor, TensorSpec};

/// Version of the protocol. 5: tensors by name, an answer for each input.
pub const PROTOCOL: u32 = 5;
const LARGEST_MESSAGE: u32 = 1 << 20;
const LARGEST_BLOCK: u32 = 1 << 30;

/// What the application asks of the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum Request {
    /// The first request: which version the application speaks.
    Hello {
        /// [`PROTOCOL`].
        protocol: u32,
    },
    /// The block holds the safetensors bytes whose sha256 this is.
    Load {
        /// Lower-case hex; later requests name the network by it.
        weights_sha256: String,
        /// What is to be built of them.
        runtime: Runtime,
        /// What an input will be.
        inputs: BTreeMap<String, TensorSpec>,
        /// What every input is to be answered by.
        outputs: BTreeMap<String, TensorSpec>,
    },
    /// The block holds `count` inputs. Each is answered by an `Output` of its own, in their order, as soon
    /// as it is computed.
    Infer {
        /// Of weights that were loaded.
        weights_sha256: String,
        /// Number of inputs.
        count: u32,
    },
    /// Changes the images so that their scores err. The block holds the inputs as for `Infer`;
    /// with a gate its centres, its inverse covariance and its plane follow, and the attack keeps the
    /// gate's score at that of the images as they were.
    Attack {
        /// Of weights that were loaded.
        weights_sha256: String,
        /// How far, and to what end.
        attack: AttackSpec,
        /// The gate that is to be fooled as well.
        gate: Option<AttackedGate>,
    },
    /// Times `rounds` answers to a batch of `count` random inputs.
    Measure {
        /// Of weights that were loaded.
        weights_sha256: String,
        /// Inputs of one batch.
        count: u32,
        /// How often.
        rounds: u32,
    },
}

/// Projected gradient descent in the largest norm (Madry et al., 2018).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttackSpec {
    /// Steps of the descent.
    pub steps: u32,
    /// The score is the mean of this many highest values of the map,
    pub top_pixels: u32,
    /// with this share of the class head's logit in it, 0..=1.
    pub class_share: f32,
    /// One for each input.
    pub pictures: Vec<AttackedPicture>,
}

/// How far one input may be changed, in network units; `raise` says whether the score should rise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AttackedPicture {
    /// Whether the score is to rise.
    pub raise: bool,
    /// Largest change of a value.
    pub epsilon: f32,
    /// No value falls below this.
    pub low: f32,
    /// No value rises above this.
    pub high: f32,
    /// Only the image itself is changed, not its margin.
    pub letterbox: Letterbox,
    /// Of the random start.
    pub seed: u64,
}

/// Sizes of the gate statistics that follow the inputs in the block.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AttackedGate {
    /// d, length of a feature vector.
    pub features: u32,
    /// k, number of centres.
    pub centres: u32,
    /// Mahalanobis distance at which an image is out of range.
    pub limit: f32,
    /// Whether the gate has a plane between its kind and known others.
    pub contrast: bool,
}

/// Where a worker computes; decided once at its start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// What it computes on.
    pub device: Device,
    /// As its maker or the operating system calls it.
    pub device_name: String,
    /// Of the convolutions.
    pub precision: Precision,
    /// Of the GPU, MiB, when it is known.
    pub memory_mb: Option<u64>,
    /// Why it is the processor although any device would do.
    pub fallback: Option<Sentence>,
}

/// What the worker answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "response", rename_all = "snake_case")]
pub enum Response {
    /// The answer to `Hello`: what computes here.
    Hello {
        /// [`PROTOCOL`] of the worker.
        protocol: u32,
        /// Version of the worker's program.
        worker: String,
        /// Where it computes.
        place: Place,
    },
    /// The answer to `Load`.
    Loaded {
        /// Number of values in the weights.
        parameters: u64,
    },
    /// The answer to one input: its tensors, whose values the block holds one after the other.
    Output {
        /// Names and shapes, in the order of the block.
        tensors: Vec<Tensor>,
    },
    /// The block holds the changed inputs.
    Attacked {
        /// As many as were sent.
        count: u32,
    },
    /// Milliseconds of each round.
    Measured {
        /// In their order.
        milliseconds: Vec<f64>,
    },
    /// The answer to any request that cannot be answered; the worker goes on.
    Refused {
        /// For the program.
        code: WorkerRefusal,
        /// For a person, in one line.
        message: String,
    },
}

/// Why the worker does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerRefusal {
    /// The application speaks another version.
    Protocol,
    /// The device is not there any more.
    DeviceUnavailable,
    /// The weights are damaged, or do not make the network that is asked for.
    BadWeights,
    /// The block does not hold what the message announces.
    BadInput,
    /// The weights were not loaded before.
    NotLoaded,
    /// The device's memory is too small.
    OutOfMemory,
    /// libtorch failed.
    Failed,
}

/// Writes one frame and flushes.
pub fn write_frame(to: &mut impl Write, message: &impl Serialize, block: &[u8]) -> std::io::Result<()> {
    let text = serde_json::to_vec(message)?;
    let too_long = || std::io::Error::new(std::io::ErrorKind::InvalidInput, "a protocol frame is too long");
    let text_len = u32::try_from(text.len())
        .ok()
        .filter(|n| *n <= LARGEST_MESSAGE)
        .ok_or_else(too_long)?;
    let block_len = u32::try_from(block.len())
        .ok()
        .filter(|n| *n <= LARGEST_BLOCK)
        .ok_or_else(too_long)?;
    let mut head = Vec::with_capacity(8 + text.len());
    head.extend(text_len.to_le_bytes());
    head.extend(block_len.to_le_bytes());
    head.extend(text);
    to.write_all(&head)?;
    to.write_all(block)?;
    to.flush()
}

/// Reads one frame; `None` at a clean end of the stream.
pub fn read_frame<M: DeserializeOwned>(from: &mut impl Read) -> std::io::Result<Option<(M, Vec<u8>)>> {
    let mut head = [0u8; 8];
    let mut filled = 0;
    while filled < head.len() {
        match from.read(&mut head[filled..])? {
            0 if filled == 0 => return Ok(None),
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            n => filled += n,
        }
    }
    let [a, b, c, d, e, f, g, h] = head;
    let (text_len, block_len) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
    if text_len > LARGEST_MESSAGE || block_len > LARGEST_BLOCK {
        return Err(std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            format!("a frame of {text_len} + {block_len} bytes is not of this protocol"),
        ));
    }
    let mut text = vec![0; text_len as usize];
    from.read_exact(&mut text)?;
    let message = serde_json::from_slice(&text)?;
    let mut block = vec![0; block_len as usize];
    from.read_exact(&mut block)?;
    Ok(Some((message, block)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensors::{f32_from_bytes, f32_to_bytes};

    #[test]
    fn frames_survive_the_pipe() -> std::io::Result<()> {
        let request = Request::Infer {
            weights_sha256: "ab".into(),
            count: 2,
        };
        let mut pipe = Vec::new();
        write_frame(&mut pipe, &request, &f32_to_bytes(&[1.5, -2.0]))?;
        let mut reader = pipe.as_slice();
        let (read, block) = read_frame::<Request>(&mut reader)?.ok_or(std::io::ErrorKind::UnexpectedEof)?;
        assert_eq!((read, f32_from_bytes(&block)), (request, vec![1.5, -2.0]));
        assert!(read_frame::<Request>(&mut reader)?.is_none());
        Ok(())
    }

    #[test]
    fn what_is_loaded_survives_the_pipe_with_all_that_is_said_of_its_tensors() -> std::io::Result<()> {
        let metadata = crate::testing::bundle().metadata;
        assert!(metadata.outputs.values().any(|spec| !spec.channel_def.is_empty()));
        let request = Request::Load {
            weights_sha256: "ab".into(),
            runtime: metadata.runtime,
            inputs: metadata.inputs,
            outputs: metadata.outputs,
        };
        let mut pipe = Vec::new();
        write_frame(&mut pipe, &request, &[])?;
        let read = read_frame::<Request>(&mut pipe.as_slice())?.map(|(read, _)| read);
        assert_eq!(read, Some(request));
        Ok(())
    }

    #[test]
    fn a_cut_or_foreign_stream_is_an_error() {
        assert!(read_frame::<Request>(&mut &b"\x05\0\0\0"[..]).is_err());
        assert!(read_frame::<Request>(&mut &b"Traceback (most recent call last)"[..]).is_err());
        assert!(read_frame::<Request>(&mut &b"\x02\0\0\0\0\0\0\0{}"[..]).is_err());
    }
}
