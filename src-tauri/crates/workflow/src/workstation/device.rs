//! What analyses run on, in plain words. The worker is asked; where it cannot answer, its reason is told.

use domain::Device;
use engine::worker::WorkerHello;
use engine::{DeviceChoice, EngineError, Worker, WorkerSettings};

use super::Workstation;
use crate::error::Failure;
use crate::wire::window::DeviceInfo;

impl Workstation {
    /// Starts a worker for the answer; half a second on a machine without a GPU.
    pub fn device_info(&self) -> Result<DeviceInfo, Failure> {
        self.with_vault(|open| crate::permit::permit(&open.session, domain::Permission::ViewRecords))?;
        let choice = self.device_choice();
        let settings = WorkerSettings::beside_executable(choice)?;
        let libraries = engine::libtorch::folder_beside(&settings.program);
        let libtorch = libraries.and_then(|folder| engine::libtorch::version(&folder).ok());
        let asked = Worker::new(settings).hello();
        Ok(match asked {
            Ok(hello) => of_worker(&hello, choice, processors(), libtorch),
            Err(error) => of_failure(&error, choice, libtorch),
        })
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn of_worker(hello: &WorkerHello, choice: DeviceChoice, processors: usize, libtorch: Option<String>) -> DeviceInfo {
    let words = match hello.device {
        Device::Cpu => {
            let cores = if processors == 1 {
                "1 core".to_owned()
            } else {
                format!("{processors} cores")
            };
            let place = format!("Analyses run on the processor ({cores}).");
            match (&hello.fallback, choice) {
                (Some(why), _) => format!("{place} No GPU is used: {}.", without_dot(why)),
                (None, DeviceChoice::Cpu) => format!("{place} The settings ask for it."),
                (None, _) => place,
            }
        }
        Device::Cuda(index) => {
            let memory = hello
                .memory_mb
                .map(|mb| format!(" with {:.0} GB of memory", mb as f64 / 1024.0));
            let memory = memory.unwrap_or_default();
            format!(
                "Analyses run on the GPU {} (number {index}){memory}.",
                hello.device_name
            )
        }
    };
    DeviceInfo {
        words,
        device: hello.device.to_string(),
        precision: Some(hello.precision.as_str().to_owned()),
        memory_mb: hello.memory_mb,
        libtorch,
        problem: None,
    }
}

fn of_failure(error: &EngineError, choice: DeviceChoice, libtorch: Option<String>) -> DeviceInfo {
    let hint = match choice {
        DeviceChoice::Cuda(_) => " Choose 'automatic' or 'processor' in the settings to go on without a GPU.",
        DeviceChoice::Auto | DeviceChoice::Cpu => "",
    };
    DeviceInfo {
        words: format!("Analyses cannot run: {}.{hint}", without_dot(&error.message)),
        device: choice.to_string(),
        precision: None,
        memory_mb: None,
        libtorch,
        problem: Some(error.message.clone()),
    }
}

fn without_dot(sentence: &str) -> &str {
    sentence.trim_end().trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use domain::Precision;
    use engine::EngineCode;

    use super::*;

    fn hello(device: Device, fallback: Option<&str>) -> WorkerHello {
        WorkerHello {
            device,
            device_name: "Tester 9000".into(),
            precision: Precision::Bf16,
            memory_mb: matches!(device, Device::Cuda(_)).then_some(81_559),
            fallback: fallback.map(str::to_owned),
        }
    }

    #[test]
    fn the_words_say_what_computes_and_why_it_is_not_a_gpu() {
        let words = |hello: &WorkerHello, choice| of_worker(hello, choice, 2, None).words;
        let none = "this machine has no NVIDIA driver (libcuda.so.1), so there is no GPU to use";
        assert_eq!(
            words(&hello(Device::Cpu, Some(none)), DeviceChoice::Auto),
            format!("Analyses run on the processor (2 cores). No GPU is used: {none}.")
        );
        let chosen = words(&hello(Device::Cpu, None), DeviceChoice::Cpu);
        assert!(chosen.ends_with("The settings ask for it."), "{chosen}");
        let gpu = words(&hello(Device::Cuda(0), None), DeviceChoice::Auto);
        assert_eq!(
            gpu,
            "Analyses run on the GPU Tester 9000 (number 0) with 80 GB of memory."
        );
    }

    #[test]
    fn a_gpu_that_is_asked_for_and_missing_is_a_problem_with_a_way_out() {
        let error = EngineError::new(EngineCode::DeviceUnavailable, "there is no GPU 0");
        let told = of_failure(&error, DeviceChoice::Cuda(0), None);
        assert!(told.words.contains("there is no GPU 0. Choose"), "{}", told.words);
        assert!(told.problem.is_some());
    }
}
