/** Administration of the made-up vault. */
import type { DeviceInfo, VaultStatus } from '../generated/wire';
import { device } from './sentences';

export function vault_status(studies: number, read_only: VaultStatus['read_only']): VaultStatus {
  return {
    vault: '/data/radiology/vault',
    user: 'admin',
    role: 'administrator',
    format_version: 1,
    schema_version: 2,
    cipher: 'SQLCipher 4 (AES-256), files XChaCha20-Poly1305',
    patients: Math.ceil(studies * 0.8),
    studies,
    instances: studies * 31,
    analyses: studies * 20,
    findings: Math.round(studies * 0.6),
    reviews: Math.round(studies * 0.3),
    audit_rows: 2400,
    file_bytes: studies * 16_400_000,
    lost: { files: 3, bytes: 1_600_000 },
    database_bytes: studies * 52_000,
    read_only,
  };
}

export function device_info(): DeviceInfo {
  return { words: device, device: 'cpu', precision: 'bf16', memory_mb: 8192, libtorch: '2.11.0', problem: null };
}
