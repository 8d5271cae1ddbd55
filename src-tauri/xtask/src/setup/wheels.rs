//! The pinned Python wheels that carry libtorch. Nothing of them is run; they are archives.
//!
//! To move to another torch: change versions here to what the torch wheel's METADATA names, and
//! the hashes to those that `pip download` then reports.

/// One wheel by name, version and the sha256 of the archive, with what is taken from it.
#[derive(Debug, Clone, Copy)]
pub struct Wheel {
    pub name: &'static str,
    pub version: &'static str,
    pub sha256: &'static str,
    pub take: &'static [Take],
}

/// Members of an archive and the folder they go to.
#[derive(Debug, Clone, Copy)]
pub enum Take {
    /// Members that fit the pattern, without their folders.
    Flat { pattern: &'static str, to: &'static str },
    /// All members below the prefix, with their folders.
    Tree { prefix: &'static str, to: &'static str },
}

pub const TORCH_VERSION: &str = "2.11.0";

const fn torch(take: &'static [Take]) -> Wheel {
    let sha256 = "7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a";
    Wheel {
        name: "torch",
        version: TORCH_VERSION,
        sha256,
        take,
    }
}

const fn nvidia(name: &'static str, version: &'static str, sha256: &'static str) -> Wheel {
    // No static library, no nvshmem plug-in for clusters, no alternative compiler (`.alt.`).
    Wheel {
        name,
        version,
        sha256,
        take: &[Take::Flat {
            pattern: "nvidia/*/lib/lib*.so*",
            to: ".",
        }],
    }
}

/// libtorch for the processor. It needs the two small nvidia libraries even there.
pub const CPU: [Wheel; 3] = [
    torch(&[
        Take::Flat {
            pattern: "torch/lib/libtorch_cpu.so",
            to: "lib",
        },
        Take::Flat {
            pattern: "torch/lib/libc10.so",
            to: "lib",
        },
        Take::Flat {
            pattern: "torch/lib/libgomp.so.1",
            to: "lib",
        },
        Take::Tree {
            prefix: "torch/include/",
            to: "include",
        },
    ]),
    Wheel {
        name: "nvidia-cuda-runtime",
        version: "13.0.96",
        sha256: "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
        take: &[Take::Flat {
            pattern: "nvidia/*/lib/libcudart.so.13",
            to: "lib",
        }],
    },
    Wheel {
        name: "nvidia-cuda-cupti",
        version: "13.0.85",
        sha256: "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
        take: &[Take::Flat {
            pattern: "nvidia/*/lib/libcupti.so.13",
            to: "lib",
        }],
    },
];

/// What `libtorch_cuda.so` and the libraries that it needs are in; libcudart and libcupti are with the processor's.
pub const CUDA: [Wheel; 14] = [
    torch(&[
        Take::Flat {
            pattern: "torch/lib/libtorch_cuda.so",
            to: ".",
        },
        Take::Flat {
            pattern: "torch/lib/libtorch_cuda_linalg.so",
            to: ".",
        },
        Take::Flat {
            pattern: "torch/lib/libc10_cuda.so",
            to: ".",
        },
        Take::Flat {
            pattern: "torch/lib/libtorch_nvshmem.so",
            to: ".",
        },
        Take::Flat {
            pattern: "torch/lib/libcaffe2_nvrtc.so",
            to: ".",
        },
    ]),
    nvidia(
        "nvidia-cublas",
        "13.1.0.3",
        "ee8722c1f0145ab246bccb9e452153b5e0515fd094c3678df50b2a0888b8b171",
    ),
    nvidia(
        "nvidia-cufft",
        "12.0.0.61",
        "6c44f692dce8fd5ffd3e3df134b6cdb9c2f72d99cf40b62c32dde45eea9ddad3",
    ),
    nvidia(
        "nvidia-cufile",
        "1.15.1.6",
        "08a3ecefae5a01c7f5117351c64f17c7c62efa5fffdbe24fc7d298da19cd0b44",
    ),
    nvidia(
        "nvidia-curand",
        "10.4.0.35",
        "1aee33a5da6e1db083fe2b90082def8915f30f3248d5896bcec36a579d941bfc",
    ),
    nvidia(
        "nvidia-cusolver",
        "12.0.4.66",
        "0a759da5dea5c0ea10fd307de75cdeb59e7ea4fcb8add0924859b944babf1112",
    ),
    nvidia(
        "nvidia-cusparse",
        "12.6.3.3",
        "2b3c89c88d01ee0e477cb7f82ef60a11a4bcd57b6b87c33f789350b59759360b",
    ),
    nvidia(
        "nvidia-nvjitlink",
        "13.0.88",
        "13a74f429e23b921c1109976abefacc69835f2f433ebd323d3946e11d804e47b",
    ),
    nvidia(
        "nvidia-cuda-nvrtc",
        "13.0.88",
        "ad9b6d2ead2435f11cbb6868809d2adeeee302e9bb94bcf0539c7a40d80e8575",
    ),
    nvidia(
        "nvidia-nvtx",
        "13.0.85",
        "4936d1d6780fbe68db454f5e72a42ff64d1fd6397df9f363ae786930fd5c1cd4",
    ),
    nvidia(
        "nvidia-cudnn-cu13",
        "9.19.0.56",
        "d20e1734305e9d68889a96e3f35094d733ff1f83932ebe462753973e53a572bf",
    ),
    nvidia(
        "nvidia-cusparselt-cu13",
        "0.8.0",
        "25e30a8a7323935d4ad0340b95a0b69926eee755767e8e0b1cf8dd85b197d3fd",
    ),
    nvidia(
        "nvidia-nccl-cu13",
        "2.28.9",
        "e4553a30f34195f3fa1da02a6da3d6337d28f2003943aa0a3d247bbc25fefc42",
    ),
    nvidia(
        "nvidia-nvshmem-cu13",
        "3.4.5",
        "290f0a2ee94c9f3687a02502f3b9299a9f9fe826e6d0287ee18482e78d495b80",
    ),
];

/// The platform tags that those wheels carry, newest first; pip takes no tag as meaning an older one too.
pub const PLATFORMS: [&str; 10] = [
    "manylinux_2_28_x86_64",
    "manylinux_2_27_x86_64",
    "manylinux_2_25_x86_64",
    "manylinux_2_18_x86_64",
    "manylinux_2_17_x86_64",
    "manylinux2014_x86_64",
    "manylinux_2_12_x86_64",
    "manylinux2010_x86_64",
    "manylinux_2_5_x86_64",
    "manylinux1_x86_64",
];

/// What pip is asked for: one wheel a line, bound to its hash.
pub fn requirements(wheels: &[Wheel]) -> String {
    let line = |wheel: &Wheel| format!("{}=={} --hash=sha256:{}\n", wheel.name, wheel.version, wheel.sha256);
    wheels.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wheel_is_pinned_by_a_whole_hash_and_gives_something() {
        for wheel in CPU.iter().chain(&CUDA) {
            assert_eq!(wheel.sha256.len(), 64, "{}", wheel.name);
            assert!(
                wheel
                    .sha256
                    .bytes()
                    .all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()),
                "{}",
                wheel.name
            );
            assert!(!wheel.take.is_empty(), "{}", wheel.name);
        }
    }

    #[test]
    fn no_wheel_is_named_twice_and_both_tables_agree_on_torch() {
        for table in [&CPU[..], &CUDA[..]] {
            let mut names: Vec<_> = table.iter().map(|wheel| wheel.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.len());
        }
        assert_eq!(CPU[0].sha256, CUDA[0].sha256);
    }

    #[test]
    fn pip_is_bound_to_the_hash() {
        let lines = requirements(&CPU);
        assert!(lines.starts_with("torch==2.11.0 --hash=sha256:7aa2f9bb"), "{lines}");
        assert_eq!(lines.lines().count(), CPU.len());
    }
}
