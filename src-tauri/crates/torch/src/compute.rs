//! What this machine computes with.

use domain::Precision;
use tch::Kind;

/// What limits the instructions that oneDNN, which computes our convolutions, may use; the second is the
/// name of old.
const LIMITS: [&str; 2] = ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"];
/// Limits below which oneDNN has no bf16 in hardware.
const WITHOUT_BF16: [&str; 7] = [
    "SSE41",
    "AVX",
    "AVX2",
    "AVX2_VNNI",
    "AVX2_VNNI_2",
    "AVX512_CORE",
    "AVX512_CORE_VNNI",
];

/// bf16 only where the processor multiplies it in hardware and oneDNN may use that: without it each product
/// is put together from others, which takes eight times as long. Every processor with AMX has bf16 too.
pub fn cpu_precision() -> Precision {
    let limit = LIMITS.iter().find_map(|name| std::env::var(name).ok());
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512bf16") && leaves_bf16(limit.as_deref()) {
        return Precision::Bf16;
    }
    Precision::Fp32
}

fn leaves_bf16(limit: Option<&str>) -> bool {
    limit.is_none_or(|limit| !WITHOUT_BF16.iter().any(|less| less.eq_ignore_ascii_case(limit)))
}

pub fn kind_of(precision: Precision) -> Kind {
    match precision {
        Precision::Fp32 => Kind::Float,
        Precision::Bf16 => Kind::BFloat16,
    }
}

/// The processor's name, as the operating system gives it.
pub fn cpu_name() -> String {
    std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|l| l.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        })
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_below_bf16_leaves_32_bits() {
        assert!(leaves_bf16(None) && leaves_bf16(Some("ALL")) && leaves_bf16(Some("avx512_core_amx")));
        assert!(!leaves_bf16(Some("AVX2")) && !leaves_bf16(Some("avx512_core_vnni")));
    }
}
