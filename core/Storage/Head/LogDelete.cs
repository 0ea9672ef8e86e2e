using Tributary.Model;
using Tributary.Storage.AppendLog;

namespace Tributary.Storage.Head;

/// <summary>A delete, as far as it concerns the log.</summary>
/// <param name="Ulid">The delete.</param>
/// <param name="Range">The deleted time.</param>
/// <param name="Files">The log files that it applies to; what came later is in others.</param>
/// <param name="Open">
/// Whether it takes a series' sample away, were it in one of the files. Each has a memory of its own, for one thread, and is
/// to be dropped behind a reading.
/// </param>
internal sealed record LogDelete(
    Ulid Ulid,
    TimeRange Range,
    IReadOnlySet<LogFileName> Files,
    Func<Func<LabelSet, long, bool>> Open
);
