//! Beginning with the weights of a bundle.

use super::*;

#[test]
fn a_training_begins_with_the_weights_it_is_given_or_says_what_they_lack() -> Checked {
    tch::set_num_threads(1);
    let folder = tempfile::tempdir()?;
    write_set(&folder.path().join("set.safetensors"), 40, 8)?;
    let fresh = config(folder.path(), 6);
    let mut curve = vec![];
    train(&fresh, Device::Cpu, &mut |progress| curve.push(progress.loss))?;
    let bytes = std::fs::read(folder.path().join("weights.safetensors"))?;
    // As the second member of a bundle holds them.
    let file = safetensors::SafeTensors::deserialize(&bytes)?;
    let named = file
        .tensors()
        .into_iter()
        .map(|(name, view)| (format!("1.{name}"), view));
    let weights = folder.path().join("bundle.safetensors");
    std::fs::write(&weights, safetensors::serialize(named, None)?)?;
    let sha256 = sha256_hex(&std::fs::read(&weights)?);
    std::fs::remove_file(folder.path().join(checkpoint::CHECKPOINT_FILE))?;

    let begun = |prefix: &str| TrainConfig {
        from: Some(Start {
            weights: weights.clone(),
            sha256: sha256.clone(),
            prefix: prefix.into(),
        }),
        ..config(folder.path(), 1)
    };
    let set = TrainingSet::read(&fresh.set, fresh.held_out)?;
    let config = begun("1.");
    let mut training = Training::new(&config, &set, Device::Cpu, Kind::Float);
    training.begin_with(config.from.as_ref().ok_or("no start")?)?;
    assert!(to_safetensors(&training.variables, Stored::Half)? == bytes);
    assert!(to_safetensors(&training.average, Stored::Half)? == bytes);

    let mut first = 0.0;
    train(&config, Device::Cpu, &mut |progress| first = progress.loss)?;
    assert!(first < 0.8 * curve[0], "{first} after {curve:?}");

    let other = train(&begun("0."), Device::Cpu, &mut |_| ());
    assert!(
        matches!(&other, Err(TrainError::Weights(WeightsError::Missing(name))) if name.starts_with("0.")),
        "{other:?}"
    );
    std::fs::write(&weights, b"changed")?;
    let changed = train(&begun("1."), Device::Cpu, &mut |_| ());
    assert!(matches!(&changed, Err(TrainError::OtherWeights(_))), "{changed:?}");
    Ok(())
}
