//! The worker's answers to the engine's protocol.

use std::io::Cursor;

use domain::SentenceCode;
use engine::bundle::{CLASS, CLASS_MAP, FOREIGN, LESION, Runtime};
use engine::protocol::{PROTOCOL, Place, Request, Response, WorkerRefusal, read_frame, write_frame};
use engine::tensors::{FEATURES, IMAGE, TensorSpec, f32_to_bytes, from_block};
use needs::Lack;

use super::*;
use crate::serve::serve;

/// Asks a worker in this process and collects its answers.
pub fn ask(precision: Precision, questions: &[(Request, Vec<u8>)]) -> Result<Vec<(Response, Vec<u8>)>, std::io::Error> {
    ask_on(domain::Device::Cpu, precision, questions)
}

fn ask_on(
    device: domain::Device,
    precision: Precision,
    questions: &[(Request, Vec<u8>)],
) -> Result<Vec<(Response, Vec<u8>)>, std::io::Error> {
    let mut input = vec![];
    for (request, block) in questions {
        write_frame(&mut input, request, block)?;
    }
    let mut output = vec![];
    let place = Place {
        device,
        device_name: "test".into(),
        precision,
        memory_mb: None,
        fallback: None,
    };
    serve(&place, Cursor::new(input), &mut output)?;
    let mut answers = vec![];
    let mut reader = output.as_slice();
    while let Some(answer) = read_frame::<Response>(&mut reader)? {
        answers.push(answer);
    }
    Ok(answers)
}

#[test]
fn the_worker_answers_the_protocol_and_survives_bad_questions() -> Checked {
    let (store, _) = fresh();
    let weights = to_safetensors(&variables(&store), Stored::Exact)?;
    let sha = sha256_hex(&weights);
    let load = load(&sha, spec(), false);
    let infer = |count| Request::Infer {
        weights_sha256: sha.clone(),
        count,
    };
    let picture = f32_to_bytes(&(0..SIZE * SIZE).map(|i| (i % 7) as f32 / 3.0 - 1.0).collect::<Vec<_>>());
    let other = f32_to_bytes(&(0..SIZE * SIZE).map(|i| (i % 5) as f32 / 2.0 - 1.0).collect::<Vec<_>>());
    let mut flipped = weights.clone();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    let answers = ask(
        Precision::Fp32,
        &[
            (Request::Hello { protocol: PROTOCOL + 1 }, vec![]),
            (Request::Hello { protocol: PROTOCOL }, vec![]),
            (infer(1), picture.clone()),
            (load.clone(), flipped),
            (load, weights.clone()),
            (infer(2), picture.clone()),
            (infer(1), picture.clone()),
            (infer(2), [picture.clone(), other].concat()),
            (
                Request::Measure {
                    weights_sha256: sha.clone(),
                    count: 1,
                    rounds: 2,
                },
                vec![],
            ),
        ],
    )?;
    let code = |at: usize| match &answers[at].0 {
        Response::Refused { code, .. } => Some(*code),
        _ => None,
    };
    assert_eq!(code(0), Some(WorkerRefusal::Protocol));
    assert!(matches!(answers[1].0, Response::Hello { protocol: PROTOCOL, .. }));
    assert_eq!(
        (code(2), code(3)),
        (Some(WorkerRefusal::NotLoaded), Some(WorkerRefusal::BadWeights))
    );
    assert!(matches!(answers[4].0, Response::Loaded { .. }));
    assert_eq!(code(5), Some(WorkerRefusal::BadInput));
    let Response::Output { tensors } = &answers[6].0 else {
        return Err(format!("{:?}", answers[6].0).into());
    };
    let tensors = from_block(tensors.clone(), &answers[6].1).ok_or("the block does not fit")?;
    let told: Vec<_> = tensors.iter().map(|t| (t.name.as_str(), t.shape.as_slice())).collect();
    let side = SIZE as u32;
    let map = [1, side, side];
    assert_eq!(
        told,
        [
            (CLASS, [1].as_slice()),
            (CLASS_MAP, &map),
            (FEATURES, &[32]),
            (FOREIGN, &map),
            (LESION, &map)
        ]
    );
    let maps = tensors
        .iter()
        .filter(|tensor| tensor.shape == map)
        .flat_map(|map| &map.values);
    assert!(maps.clone().all(|v| (0.0..=1.0).contains(v)));
    assert_eq!(answers[7].0, answers[6].0, "each input has an answer of its own");
    assert_eq!(answers[8].0, answers[6].0);
    assert_ne!(answers[7].1, answers[8].1);
    assert_eq!(answers[7].1, answers[6].1, "company changes no answer");
    assert!(matches!(&answers[9].0, Response::Measured { milliseconds } if milliseconds.len() == 2));
    Ok(())
}

/// A request for every tensor that the network gives.
pub fn load(sha: &str, network: NetworkSpec, mirror: bool) -> Request {
    Request::Load {
        weights_sha256: sha.to_owned(),
        inputs: NetworkSpec::inputs(SIZE as u32),
        outputs: network.outputs(SIZE as u32, &["abnormal"]),
        runtime: Runtime::Torch { network, mirror },
    }
}

#[test]
fn tensors_that_the_network_does_not_take_or_give_are_refused_by_name() -> Checked {
    let (store, _) = fresh();
    let weights = to_safetensors(&variables(&store), Stored::Exact)?;
    let sha = sha256_hex(&weights);
    type Change = fn(&mut BTreeMap<String, TensorSpec>, &mut BTreeMap<String, TensorSpec>);
    let cases: [(Change, &str); 5] = [
        (
            |_, outputs| rename(outputs, LESION, "depth"),
            "no tensor 'depth'; it gives class, class_map",
        ),
        (|_, outputs| resize(outputs, LESION), "'lesion' the shape"),
        (|inputs, _| rename(inputs, IMAGE, "volume"), "one square image"),
        (|inputs, _| resize(inputs, IMAGE), "one square image"),
        (|inputs, _| inputs.clear(), "one square image"),
    ];
    for (change, said) in cases {
        let mut request = load(&sha, spec(), false);
        if let Request::Load { inputs, outputs, .. } = &mut request {
            change(inputs, outputs);
        }
        let answers = ask(Precision::Fp32, &[(request, weights.clone())])?;
        let Response::Refused { code, message } = &answers[0].0 else {
            return Err(format!("{:?} for {said:?}", answers[0].0).into());
        };
        assert_eq!(*code, WorkerRefusal::BadWeights);
        assert!(message.contains(said), "{message:?} does not say {said:?}");
    }
    Ok(())
}

fn rename(all: &mut BTreeMap<String, TensorSpec>, from: &str, to: &str) {
    if let Some(spec) = all.remove(from) {
        all.insert(to.to_owned(), spec);
    }
}

fn resize(all: &mut BTreeMap<String, TensorSpec>, name: &str) {
    if let Some(spec) = all.get_mut(name) {
        spec.spatial_shape[0] /= 2;
    }
}

/// A head as a bright ring around grey, with a lesion of that brightness.
fn head(lesion: f32) -> domain::GreyFrame {
    let value = |at: i32| {
        let (x, y) = ((at % 256 - 128) as f32, (at / 256 - 128) as f32);
        let from_centre = (x / 80.0).powi(2) + (y / 105.0).powi(2);
        let tissue = 90.0 + ((at * 37) % 17) as f32;
        match from_centre {
            outside if outside > 1.0 => 2.0,
            skull if skull > 0.82 => 230.0,
            _ if (x - 30.0).powi(2) + (y + 20.0).powi(2) < 200.0 => tissue + lesion,
            _ => tissue,
        }
    };
    domain::GreyFrame {
        rows: 256,
        cols: 256,
        values: (0..256 * 256).map(value).collect(),
    }
}

/// What the shipped flagship says of six heads, from one without a lesion to one with a bright one.
fn flagship_scores(device: domain::Device, precision: Precision) -> Result<Vec<f32>, Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../models/brain-mri-flair");
    let bundle = engine::Bundle::load(&folder)?;
    let lesions = [0.0, 15.0, 30.0, 45.0, 60.0, 120.0];
    let inputs = lesions.map(|lesion| engine::prepare(&head(lesion), &bundle.metadata.input).unwrap_or_default());
    let sha = bundle.model.weights_sha256.clone();
    let load = Request::Load {
        weights_sha256: sha.clone(),
        runtime: bundle.metadata.runtime.clone(),
        inputs: bundle.metadata.inputs.clone(),
        outputs: bundle.metadata.outputs.clone(),
    };
    let infer = Request::Infer {
        weights_sha256: sha,
        count: lesions.len() as u32,
    };
    let scored = bundle.metadata.scored().ok_or("the flagship gives no score")?;
    let pictures: Vec<f32> = inputs.iter().flat_map(|input| input.values.clone()).collect();
    let questions = [(load, bundle.weights.to_vec()), (infer, f32_to_bytes(&pictures))];
    let answers = ask_on(device, precision, &questions)?;
    let score = |(input, answer): (&engine::ModelInput, &(Response, Vec<u8>))| {
        let (Response::Output { tensors }, block) = answer else {
            return Err(format!("{:?}", answer.0).into());
        };
        let tensors = from_block(tensors.clone(), block).ok_or("the block does not fit")?;
        let raw = engine::task::score::of_image(scored, input, &bundle.answers(tensors)?)?;
        Ok(engine::task::score::calibrate(bundle.metadata.calibration, raw).value())
    };
    inputs.iter().zip(&answers[1..]).map(score).collect()
}

/// Scores that say something, and how far the others are from them at most.
fn apart(exact: &[f32], other: &[f32]) -> f32 {
    assert!(exact[0] < 0.5 && exact[5] > 0.5, "scores that say nothing: {exact:?}");
    assert_eq!(exact.len(), other.len());
    exact.iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn the_shipped_flagship_scores_alike_in_bf16_and_fp32() -> Checked {
    if compute::cpu_precision() != Precision::Bf16 {
        return Lack::of_hardware("this processor has no bf16").end();
    }
    let exact = flagship_scores(domain::Device::Cpu, Precision::Fp32)?;
    let quick = flagship_scores(domain::Device::Cpu, Precision::Bf16)?;
    let apart = apart(&exact, &quick);
    assert!(apart < 1e-2, "{apart} apart: {exact:?} and {quick:?}");
    Ok(())
}

/// A machine with a GPU whose CUDA libraries were not fetched lacks a set-up, any other the hardware.
#[test]
fn the_shipped_flagship_scores_alike_on_cuda_and_on_the_processor() -> Checked {
    if let Err(why) = crate::cuda::open(0, crate::cuda::folder().as_deref()) {
        return match why.code() {
            Some(SentenceCode::NoGpuNotInstalled) => Lack::of(format!("CUDA: {why}")).end(),
            _ => Lack::of_hardware(format!("CUDA: {why}")).end(),
        };
    }
    let exact = flagship_scores(domain::Device::Cpu, Precision::Fp32)?;
    let there = flagship_scores(domain::Device::Cuda(0), Precision::Fp32)?;
    let apart = apart(&exact, &there);
    assert!(apart < 1e-3, "{apart} apart: {exact:?} and {there:?}");
    Ok(())
}
