internal import AccessLog
internal import Archive
internal import ArchiveIndex
internal import AuditorPage
internal import Batch
internal import Configuring
internal import DurableFiles
internal import Evidence
internal import Ingest
internal import Replay
internal import Spool
internal import Tables

/// Returns the exit status for an error of one of the modules.
func exitStatus(for error: any Error) -> ExitStatus {
    switch error {
    case let error as ArchiveError:
        switch error {
        case .noArchive: .noInput
        case .unreadable, .differs, .differentMarkers: .data
        case .foreignFolder, .newerFormat, .olderFormat, .unknownTimeZone, .otherTimeZone, .clockSetBack: .configuration
        }
    case let error as IndexError:
        switch error {
        case .missing: .noInput
        case .corrupt: .data
        case .inaccessible, .full: .ioError
        case .newerSchema: .configuration
        case .notAnIndex: .cantCreate
        }
    case let error as ExportError:
        switch error {
        case .nothing, .noSigners: .noInput
        case .exists, .unfinished, .noFolder: .cantCreate
        }
    case let error as BatchError:
        switch error {
        case .noSpool, .notHeld, .notACopy, .notErasable, .nothing, .noHold: .noInput
        case .refused: .refused
        case .otherArchive: .configuration
        case .changed: .ioError
        }
    case let error as SpoolError:
        switch error {
        case .otherFilesystem, .unreadableMarker: .configuration
        case .nameTaken: .cantCreate
        }
    case let error as FileError:
        switch error.operation {
        // A full disk has the same status whichever call encountered it: the remedy is the same.
        case .create, .makeFolder: error.isOutOfSpace ? .ioError : .cantCreate
        default: .ioError
        }
    case let error as SignatureError:
        switch error {
        case .unavailable: .unavailable
        case .notSigned: .configuration
        }
    case let error as TablesError:
        switch error {
        case .unavailable: .unavailable
        case .foreignFolder, .inArchive: .cantCreate
        case .otherArchive, .newerFormat: .configuration
        case .unreadableManifest: .data
        case .notWritten: .ioError
        }
    case let error as AuditorsError:
        switch error {
        case .nameTaken: .cantCreate
        case .unknown: .noInput
        case .noFolder(let error): exitStatus(for: error)
        }
    case let error as PageServerError:
        switch error {
        case .plain, .certificate: .configuration
        case .address: .unavailable
        }
    case let error as IngestError:
        switch error {
        case .unreadable: .noInput
        case .noProgram: .unavailable
        case .damaged: .data
        }
    case let error as ReplayError:
        switch error {
        case .url, .notPublic: .usage
        case .unresolved, .refused, .unanswered: .unavailable
        case .certificates, .otherJournal: .configuration
        case .journalExists: .cantCreate
        case .noJournal: .noInput
        case .journalInUse, .interrupted: .temporary
        case .journal: .ioError
        }
    case is FolderLock.Held: .temporary
    default: .ioError
    }
}
