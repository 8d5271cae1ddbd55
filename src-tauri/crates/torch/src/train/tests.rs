use domain::Precision;
use engine::bundle::MapKind;
use safetensors::{Dtype, tensor::TensorView};

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::network::Network;
use crate::weights::FoldedLayers;

mod members;
mod start;
mod worker;

type Checked = Result<(), Box<dyn std::error::Error>>;

const SIZE: usize = 32;

fn spec() -> NetworkSpec {
    NetworkSpec {
        family: "res-unet-pcam".into(),
        widths: vec![8, 8, 16],
        maps: vec![MapKind::Lesion, MapKind::Foreign],
        classes: 1,
        autoencoder: false,
        members: 1,
    }
}

/// Discs on noise: bright ones are lesions. The last `held` images are for validation.
fn write_set(path: &Path, count: usize, held: usize) -> Checked {
    let mut rng = Pcg64Mcg::seed_from_u64(5);
    let (mut images, mut masks, mut labels, mut parts) = (vec![], vec![], vec![], vec![]);
    for index in 0..count {
        let lesion = index % 2 == 0;
        let (cx, cy) = (
            rand::Rng::random_range(&mut rng, 10..22i32),
            rand::Rng::random_range(&mut rng, 10..22i32),
        );
        for at in 0..(SIZE * SIZE) as i32 {
            let (x, y) = (at % SIZE as i32 - cx, at / SIZE as i32 - cy);
            let inside = lesion && x * x + y * y < 20;
            let noise: f32 = rand::Rng::random_range(&mut rng, -0.5..0.5);
            images.extend(half::f16::from_f32(noise + if inside { 3.0 } else { 0.0 }).to_le_bytes());
            masks.push(u8::from(inside));
        }
        labels.push(u8::from(lesion));
        parts.push(u8::from(index >= count - held));
    }
    let (planes, outlined) = (vec![count, SIZE, SIZE], vec![1; count]);
    let tensors = [
        ("images", TensorView::new(Dtype::F16, planes.clone(), &images)?),
        ("masks", TensorView::new(Dtype::U8, planes, &masks)?),
        ("classes", TensorView::new(Dtype::U8, vec![count, 1], &labels)?),
        ("groups", TensorView::new(Dtype::U8, vec![count], &labels)?),
        ("outlined", TensorView::new(Dtype::U8, vec![count], &outlined)?),
        ("parts", TensorView::new(Dtype::U8, vec![count], &parts)?),
    ];
    std::fs::write(path, safetensors::serialize(tensors, None)?)?;
    Ok(())
}

fn config(folder: &Path, epochs: u32) -> TrainConfig {
    TrainConfig {
        set: folder.join("set.safetensors"),
        set_sha256: "that of the set".into(),
        out: folder.to_owned(),
        network: NetworkSpec {
            autoencoder: true,
            ..spec()
        },
        from: None,
        seed: 3,
        epochs,
        gpu_epochs: epochs,
        minutes: None,
        batch: 8,
        learning_rate: 3e-3,
        first: SmallStart { size: 16, share: 0.1 },
        held_out: 1,
        validate: true,
        per_group: 32,
        class_weight: 0.3,
        paste: 0.3,
        variation: Variation {
            mirror: true,
            rotation: 15.0,
            zoom: [0.85, 1.18],
            bias_field: true,
            speckle: false,
            cover: false,
        },
    }
}

#[test]
fn training_learns_and_repeats_to_the_bit_for_a_seed() -> Checked {
    tch::set_num_threads(1);
    let folder = tempfile::tempdir()?;
    write_set(&folder.path().join("set.safetensors"), 72, 8)?;
    let run = |epochs| -> Result<(Vec<Progress>, String), Box<dyn std::error::Error>> {
        let _ = std::fs::remove_file(folder.path().join(checkpoint::CHECKPOINT_FILE));
        let mut seen = vec![];
        // What is pasted from noise into noise cannot be found: only the lesion map is trained here.
        let mut config = config(folder.path(), epochs);
        config.network.maps = vec![MapKind::Lesion];
        train(&config, Device::Cpu, &mut |progress| seen.push(progress.clone()))?;
        Ok((
            seen,
            sha256_hex(&std::fs::read(folder.path().join("weights.safetensors"))?),
        ))
    };
    let (curve, _) = run(20)?;
    let (first, last) = (curve[2].loss, curve[19].loss);
    assert!(last < 0.6 * first, "the loss went from {first} to {last}");
    let figures = curve[19].validation.ok_or("no validation at the end")?;
    let reached = |figure: Option<f64>, least| figure.is_some_and(|value| value >= least);
    assert!(
        reached(figures.pointing, 0.75) && reached(figures.slice_dice, 0.5) && reached(figures.class_auc, 0.8),
        "{figures:?}"
    );
    let ((_, one), (_, again)) = (run(2)?, run(2)?);
    assert_eq!(one, again);
    Ok(())
}

/// The weights that a training of four epochs ends with, and its checkpoint after the second.
fn four_epochs(folder: &Path, kept: &Path) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    // A checkpoint is written after its epoch was reported: at the third report that of the second lies there.
    let mut copied = Ok(0);
    train(&config(folder, 4), Device::Cpu, &mut |progress| {
        if progress.epoch == 3 {
            copied = std::fs::copy(folder.join(checkpoint::CHECKPOINT_FILE), kept);
        }
    })?;
    copied?;
    Ok(std::fs::read(folder.join("weights.safetensors"))?)
}

#[test]
fn a_training_goes_on_from_its_checkpoint_to_the_same_weights() -> Checked {
    tch::set_num_threads(1);
    let (whole, second) = (tempfile::tempdir()?, tempfile::tempdir()?);
    for folder in [&whole, &second] {
        write_set(&folder.path().join("set.safetensors"), 72, 8)?;
    }
    let weights = four_epochs(whole.path(), &second.path().join(checkpoint::CHECKPOINT_FILE))?;
    let mut seen = vec![];
    train(&config(second.path(), 4), Device::Cpu, &mut |progress| {
        seen.push(progress.epoch)
    })?;
    assert_eq!(seen, [3, 4]);
    assert_eq!(std::fs::read(second.path().join("weights.safetensors"))?, weights);
    let curve: Vec<Progress> = serde_json::from_slice(&std::fs::read(second.path().join("curve.json"))?)?;
    assert_eq!(curve.len(), 4);

    let slower = TrainConfig {
        learning_rate: 1e-4,
        ..config(second.path(), 4)
    };
    let on_others = TrainConfig {
        set_sha256: "that of another".into(),
        ..config(second.path(), 4)
    };
    for other in [slower, on_others] {
        let refused = train(&other, Device::Cpu, &mut |_| ())
            .err()
            .ok_or("another training went on from it")?;
        assert!(refused.to_string().contains("other settings or images"), "{refused}");
    }
    Ok(())
}

#[test]
fn a_short_time_means_fewer_epochs_and_at_least_one() -> Checked {
    tch::set_num_threads(1);
    let folder = tempfile::tempdir()?;
    write_set(&folder.path().join("set.safetensors"), 72, 8)?;
    let hurried = TrainConfig {
        minutes: Some(1e-6),
        ..config(folder.path(), 4)
    };
    let mut seen = vec![];
    train(&hurried, Device::Cpu, &mut |progress| {
        seen.push((progress.epoch, progress.epochs))
    })?;
    assert_eq!(seen, [(1, 1)]);
    Ok(())
}

#[test]
fn an_empty_set_another_number_of_classes_and_a_loss_that_is_not_finite_are_refused() -> Checked {
    let folder = tempfile::tempdir()?;
    let nothing = train(&config(folder.path(), 0), Device::Cpu, &mut |_| ());
    assert!(matches!(nothing, Err(TrainError::NothingToDo)));
    let set = folder.path().join("set.safetensors");
    write_set(&set, 2, 2)?;
    let empty = train(&config(folder.path(), 1), Device::Cpu, &mut |_| ());
    assert!(
        matches!(empty, Err(TrainError::Set(TrainingSetError::Empty))),
        "{empty:?}"
    );
    write_set(&set, 8, 0)?;
    let mut two = config(folder.path(), 1);
    two.network.classes = 2;
    let classes = train(&two, Device::Cpu, &mut |_| ());
    assert!(
        matches!(classes, Err(TrainError::Classes { set: 1, network: 2 })),
        "{classes:?}"
    );
    let wild = TrainConfig {
        learning_rate: 1e30,
        ..config(folder.path(), 3)
    };
    let stopped = train(&wild, Device::Cpu, &mut |_| ());
    assert!(matches!(stopped, Err(TrainError::NotFinite { .. })), "{stopped:?}");
    Ok(())
}

/// Fresh variables with running statistics that are not those of a new layer.
fn fresh() -> (nn::VarStore, Network) {
    tch::manual_seed(11);
    let store = nn::VarStore::new(Device::Cpu);
    let network = Network::new(&spec(), &mut TrainableLayers(store.root()));
    tch::no_grad(|| {
        for (name, mut tensor) in variables(&store) {
            if name.ends_with("mean") || name.ends_with("beta") {
                let _ = tensor.uniform_(-0.5, 0.5);
            } else if name.ends_with("variance") || name.ends_with("gamma") {
                let _ = tensor.uniform_(0.5, 2.0);
            }
        }
    });
    (store, network)
}

#[test]
fn folding_batch_normalisation_changes_nothing() -> Checked {
    let (store, network) = fresh();
    let input = Tensor::randn([2, 1, SIZE as i64, SIZE as i64], (Kind::Float, Device::Cpu));
    let pass = Pass {
        train: false,
        kind: Kind::Float,
    };
    let mut layers = FoldedLayers::parse(
        &to_safetensors(&variables(&store), Stored::Exact)?,
        &spec(),
        Device::Cpu,
        Kind::Float,
    )?;
    let folded = Network::new(&spec(), &mut layers);
    assert!(layers.finish()? > 1000);
    let (a, b) = tch::no_grad(|| (network.forward(&input, pass), folded.forward(&input, pass)));
    let apart =
        |x: &Tensor, y: &Tensor| (x - y).abs().max().double_value(&[]) / (1.0 + y.abs().max().double_value(&[]));
    let masks = (a.masks.ok_or("no masks")?, b.masks.ok_or("no masks")?);
    assert!(apart(&masks.0, &masks.1) < 1e-4 && apart(&a.class, &b.class) < 1e-4);
    let (fa, fb) = (a.features.ok_or("no features")?, b.features.ok_or("no features")?);
    assert_eq!(fa.size(), vec![2, 32]);
    assert!(apart(&fa, &fb) < 1e-4);
    Ok(())
}

#[test]
fn weights_that_do_not_fit_are_refused_by_name() -> Checked {
    let (store, _) = fresh();
    let load = |tensors: &BTreeMap<String, Tensor>, spec: &NetworkSpec| -> Result<u64, WeightsError> {
        let mut layers = FoldedLayers::parse(&to_safetensors(tensors, Stored::Exact)?, spec, Device::Cpu, Kind::Float)?;
        let _ = Network::new(spec, &mut layers);
        layers.finish()
    };
    let whole = variables(&store);
    let copy = || -> BTreeMap<String, Tensor> { whole.iter().map(|(n, t)| (n.clone(), t.detach().copy())).collect() };
    let mut missing = copy();
    missing.remove("mask.bias");
    assert!(matches!(load(&missing, &spec()), Err(WeightsError::Missing(name)) if name == "mask.bias"));
    let mut wrong = copy();
    wrong.insert("stem.gamma".into(), Tensor::ones([1], (Kind::Float, Device::Cpu)));
    assert!(matches!(load(&wrong, &spec()), Err(WeightsError::Shape { name, .. }) if name == "stem.gamma"));
    let mut extra = copy();
    extra.insert("zz".into(), Tensor::ones([1], (Kind::Float, Device::Cpu)));
    assert!(matches!(load(&extra, &spec()), Err(WeightsError::Unknown(name)) if name == "zz"));
    let mut sick = copy();
    sick.insert("class.bias".into(), Tensor::from_slice(&[f32::NAN]));
    assert!(matches!(load(&sick, &spec()), Err(WeightsError::NotFinite(name)) if name == "class.bias"));
    let other = NetworkSpec {
        family: "vit".into(),
        ..spec()
    };
    assert!(matches!(load(&whole, &other), Err(WeightsError::Family(_))));
    assert!(matches!(
        FoldedLayers::parse(b"junk", &spec(), Device::Cpu, Kind::Float),
        Err(WeightsError::Format(_))
    ));
    Ok(())
}
