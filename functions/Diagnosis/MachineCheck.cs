using System.Globalization;
using Tributary.Configuration;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Serving;
using Tributary.Stores;

namespace Tributary.Functions.Diagnosis;

/// <summary>This machine: version, memory, disks.</summary>
/// <param name="settings">Where the store is.</param>
/// <param name="config">What queries may use; null when it is not known.</param>
/// <param name="surroundings">The machine.</param>
internal sealed class MachineCheck(Settings settings, CollectorConfig? config, Surroundings surroundings)
{
    private const long Mebibyte = 1L << 20;

    /// <summary>Below this there is no room for a head, a query and the process.</summary>
    private const long LeastMemoryBytes = 256 * Mebibyte;

    /// <summary>A compaction writes blocks before it deletes what they are made of.</summary>
    private const long LeastFreeBytes = 1024 * Mebibyte;

    private const long AlmostNothing = 64 * Mebibyte;

    /// <summary>Looks.</summary>
    public void Run(FindingList findings)
    {
        findings.Ok(
            $"tributary {ServeCommand.Version}, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}"
        );
        CheckMemory(findings);
        if (settings.ParseStorage() is LocalFolder folder)
        {
            CheckDisk(
                findings,
                folder.Path,
                "the store",
                "Free some, keep less (storage.tsdb.retention), or name another folder."
            );
        }
        CheckDisk(
            findings,
            surroundings.TemporaryFolder,
            "temporary files",
            "Free some, or set TMPDIR to a larger disk: compaction, exports and the cache of blocks use it."
        );
    }

    private void CheckMemory(FindingList findings)
    {
        var memory = surroundings.MemoryBytes;
        var text = $"{Size(memory)} of memory for this process";
        if (memory < LeastMemoryBytes)
        {
            findings.Warn(
                $"{text} is little: it has to hold two hours of series, and queries",
                "Give it 512 MiB or more (a function app: instanceMemoryMB; a container: its limit)."
            );
        }
        else if (config?.Query.MaxMemoryBytes is { } budget && budget > memory / 2)
        {
            findings.Warn(
                $"{text}, and one query may take {Size(budget)} of it",
                $"Lower tributary.query.max_memory to {Size(memory / 2)} or less, or leave it out: then it is {Size(new QueryConfig().MemoryBytesOf(memory))}."
            );
        }
        else
        {
            var query = (config?.Query ?? new QueryConfig()).MemoryBytesOf(memory);
            findings.Ok($"{text}; one query may take {Size(query)}");
        }
    }

    private void CheckDisk(FindingList findings, string folder, string what, string advice)
    {
        if (surroundings.Disk(folder) is not { } disk)
        {
            findings.Skip($"{what}: the disk of '{folder}' does not say how much is free");
            return;
        }
        var text = $"{what} ('{folder}'): {Size(disk.FreeBytes)} of {Size(disk.TotalBytes)} are free";
        if (disk.FreeBytes < AlmostNothing)
        {
            findings.Fail(text, advice);
        }
        else if (disk.FreeBytes < LeastFreeBytes)
        {
            findings.Warn(text, advice);
        }
        else
        {
            findings.Ok(text);
        }
    }

    private static string Size(long bytes) =>
        bytes < 1024 * Mebibyte
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes / Mebibyte} MiB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * Mebibyte):0.#} GiB");
}
