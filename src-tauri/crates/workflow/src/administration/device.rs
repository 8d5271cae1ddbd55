//! What analyses run on, in plain words. The worker is asked; where it cannot answer, its reason is told.

use domain::{Device, DeviceChoice, Failure, Permission, Sentence, SentenceCode};
use engine::protocol::Place;
use engine::{EngineError, Worker, WorkerSettings};

use crate::permit::permit;
use crate::vault::OpenVault;
use contract::window::DeviceInfo;

/// Starts a worker for the answer; half a second on a machine without a GPU.
pub fn device_info(open: &OpenVault, choice: DeviceChoice) -> Result<DeviceInfo, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let settings = WorkerSettings::beside_executable(choice)?;
    let libraries = engine::libtorch::folder_beside(&settings.program);
    let libtorch = libraries.and_then(|folder| engine::libtorch::version(&folder).ok());
    let asked = Worker::new(settings).hello(&mut || true);
    Ok(match asked {
        Ok(hello) => of_worker(&hello, choice, processors(), libtorch),
        Err(error) => of_failure(&error, choice, libtorch),
    })
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn of_worker(hello: &Place, choice: DeviceChoice, processors: usize, libtorch: Option<String>) -> DeviceInfo {
    let words = match hello.device {
        Device::Cpu => {
            let cores = if processors == 1 {
                "1 core".to_owned()
            } else {
                format!("{processors} cores")
            };
            let place = Sentence::new(
                SentenceCode::DeviceProcessor,
                [("count", (processors as i64).into())],
                format!("Analyses run on the processor ({cores})."),
            );
            let why = match (&hello.fallback, choice) {
                (Some(why), _) => Some(Sentence {
                    words: format!("No GPU is used: {}.", without_dot(&why.words)),
                    coded: why.coded.clone(),
                }),
                (None, DeviceChoice::Cpu) => Some(Sentence::new(
                    SentenceCode::DeviceChosen,
                    [],
                    "The settings require it.",
                )),
                (None, _) => None,
            };
            [Some(place), why].into_iter().flatten().collect()
        }
        Device::Cuda(index) => vec![of_gpu(hello, index)],
    };
    DeviceInfo {
        words,
        device: Some(hello.device),
        precision: Some(hello.precision),
        memory_mb: hello.memory_mb,
        libtorch,
        problem: None,
    }
}

fn of_gpu(hello: &Place, index: u32) -> Sentence {
    let name = hello.device_name.as_str();
    let place = format!("Analyses run on the GPU {name} (number {index})");
    match hello.memory_mb {
        Some(mb) => {
            let gib = (mb as f64 / 1024.0).round() as i64;
            let values = [("name", name.into()), ("index", index.into()), ("memory", gib.into())];
            Sentence::new(
                SentenceCode::DeviceGpu,
                values,
                format!("{place} with {gib} GB of memory."),
            )
        }
        None => {
            let values = [("name", name.into()), ("index", index.into())];
            Sentence::new(SentenceCode::DeviceGpuOfUnknownMemory, values, format!("{place}."))
        }
    }
}

fn of_failure(error: &EngineError, choice: DeviceChoice, libtorch: Option<String>) -> DeviceInfo {
    let cannot = format!("Analyses cannot run: {}.", without_dot(&error.message));
    let cannot = Sentence::new(SentenceCode::DeviceCannotRun, [], cannot);
    let way_out = match choice {
        DeviceChoice::Cuda(_) => Some(Sentence::new(
            SentenceCode::DeviceChooseAnother,
            [],
            "Choose 'automatic' or 'processor' in the settings to continue without a GPU.",
        )),
        DeviceChoice::Auto | DeviceChoice::Cpu => None,
    };
    DeviceInfo {
        words: [Some(cannot), way_out].into_iter().flatten().collect(),
        device: None,
        precision: None,
        memory_mb: None,
        libtorch,
        problem: Some(Failure::from(error.clone())),
    }
}

fn without_dot(sentence: &str) -> &str {
    sentence.trim_end().trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use domain::FailureCode;
    use domain::Precision;

    use super::*;

    fn hello(device: Device, fallback: Option<&str>) -> Place {
        Place {
            device,
            device_name: "Tester 9000".into(),
            precision: Precision::Bf16,
            memory_mb: matches!(device, Device::Cuda(_)).then_some(81_559),
            fallback: fallback.map(|why| Sentence::new(SentenceCode::NoGpuNoDriver, [], why)),
        }
    }

    fn in_english(info: &DeviceInfo) -> String {
        let words: Vec<&str> = info.words.iter().map(|sentence| sentence.words.as_str()).collect();
        words.join(" ")
    }

    #[test]
    fn the_words_say_what_computes_and_why_it_is_not_a_gpu() {
        let words = |hello: &Place, choice| in_english(&of_worker(hello, choice, 2, None));
        let none = "this machine has no NVIDIA driver (libcuda.so.1), so there is no GPU to use";
        assert_eq!(
            words(&hello(Device::Cpu, Some(none)), DeviceChoice::Auto),
            format!("Analyses run on the processor (2 cores). No GPU is used: {none}.")
        );
        let chosen = words(&hello(Device::Cpu, None), DeviceChoice::Cpu);
        assert!(chosen.ends_with("The settings require it."), "{chosen}");
        let codes: Vec<_> = of_worker(&hello(Device::Cpu, Some(none)), DeviceChoice::Auto, 2, None).words;
        let codes: Vec<_> = codes.iter().filter_map(Sentence::code_name).collect();
        assert_eq!(codes, ["device.processor", "no_gpu.no_driver"]);
        let gpu = words(&hello(Device::Cuda(0), None), DeviceChoice::Auto);
        assert_eq!(
            gpu,
            "Analyses run on the GPU Tester 9000 (number 0) with 80 GB of memory."
        );
    }

    #[test]
    fn a_gpu_that_is_asked_for_and_missing_is_a_problem_with_a_way_out() {
        let error = EngineError::new(FailureCode::DeviceUnavailable, "there is no GPU 0");
        let told = of_failure(&error, DeviceChoice::Cuda(0), None);
        let words = in_english(&told);
        assert!(words.contains("there is no GPU 0. Choose"), "{words}");
        assert_eq!(
            told.problem.map(|problem| problem.code),
            Some(FailureCode::DeviceUnavailable)
        );
    }
}
