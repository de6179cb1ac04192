import Kernel

/// Whether the firmware starts only signed systems: the firmware's own variables, not a boot loader's word.
enum SecureBoot {
    static let check = PostureCheck(
        "endpoint.secure-boot", title: "Secure boot",
        measures: "The EFI variable SecureBoot is 1 and SetupMode is 0.",
        keywords: ["secure boot", "boot", "firmware", "tamper"],
        judge: { reader, _ in judge(reader) })

    private static let directory = "/sys/firmware/efi/efivars"
    /// EFI_GLOBAL_VARIABLE (UEFI specification §3.3).
    private static let vendor = "8be4df61-93ca-11d2-aa0d-00e098032b8c"
    private static let fix =
        "Turn Secure Boot on in the firmware's set-up (and restore its factory keys if it is in set-up mode); check with: mokutil --sb-state"

    static func judge(_ reader: HostReader) -> Measurement {
        var trail = Trail()
        guard reader.exists("/sys/firmware/efi") else {
            if let kind = DeviceKind(on: reader).virtualisation {
                return trail.notApplicable("no EFI firmware on this virtual machine (\(kind))")
            }
            guard reader.exists("/sys/firmware") else {
                return trail.unknown("/sys/firmware cannot be read", fix: "Mount /sys and run it again.")
            }
            trail.note("/sys/firmware", "no efi")
            return trail.fail(
                "the machine was started without EFI, so nothing checks signatures",
                fix: "Switch the firmware to UEFI and install again in that mode. \(fix)")
        }
        let secure = variable("SecureBoot", reader: reader, trail: &trail)
        let setup = variable("SetupMode", reader: reader, trail: &trail)
        switch (secure, setup) {
        case (.value(0), _): return trail.fail("Secure Boot is off", fix: fix)
        case (_, .value(1)): return trail.fail("the firmware is in set-up mode: anyone can put in keys", fix: fix)
        case (.value(1), .value(0)): return trail.pass("Secure Boot is on")
        case (.untold(let reason), _), (_, .untold(let reason)):
            return trail.unknown(
                reason, fix: "As root: mount -t efivarfs efivarfs \(directory), then mokutil --sb-state")
        case (.value(let number), .value(let mode)):
            return trail.unknown("unexpected values: SecureBoot \(number), SetupMode \(mode)", fix: fix)
        }
    }

    private enum Variable {
        case value(UInt8)
        case untold(String)
    }

    /// A variable's file holds 4 bytes of attributes, then the value: the fifth byte counts.
    private static func variable(_ name: String, reader: HostReader, trail: inout Trail) -> Variable {
        let path = "\(directory)/\(name)-\(vendor)"
        switch reader.read(path, 64) {
        case .contents(let bytes) where bytes.count == 5:
            trail.note(path, "value \(bytes[4])")
            return .value(bytes[4])
        case .contents(let bytes): return .untold("\(name) has \(bytes.count) bytes instead of 5")
        case .denied: return .untold("root is needed to read \(name)")
        default: return .untold("the firmware's variable \(name) cannot be read")
        }
    }
}
