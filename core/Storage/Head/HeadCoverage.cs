using System.Collections.Immutable;
using Tributary.Model;
using Tributary.Storage.AppendLog;

namespace Tributary.Storage.Head;

/// <summary>A head, and what it is of.</summary>
/// <param name="Head">The head.</param>
/// <param name="Whole">The range of time in which it has every sample of the log that was read; null when there is none.</param>
/// <param name="Files">The log files whose samples are in it.</param>
/// <param name="Deletes">The deletes that it honours.</param>
internal readonly record struct HeadCoverage(
    RecentHead Head,
    TimeRange? Whole,
    ImmutableHashSet<LogFileName> Files,
    ImmutableHashSet<Ulid> Deletes
);
