internal import Archive
internal import ArchiveIndex
internal import Configuring
internal import Webhooks

struct SearchEnd { let tone, text: String }
