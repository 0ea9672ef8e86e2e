using System.Globalization;
using Tributary.Api;
using Tributary.Jobs;
using Tributary.Storage.Manifest;

namespace Tributary.Functions.Serving;

/// <summary>What <c>tributary blocks</c> prints for people.</summary>
internal static class BlocksText
{
    /// <summary>The list of all blocks and open windows.</summary>
    public static IEnumerable<string> Lines(BlocksStatus status)
    {
        if (status.Blocks.Count > 0)
        {
            yield return Columns("BLOCK", "LEVEL", "FROM", "TO", "SERIES", "SAMPLES", "CHUNKS", "BYTES") + "STATE";
        }
        foreach (var row in status.Blocks)
        {
            var block = row.Block;
            yield return Columns(
                block.Ulid,
                block.Level,
                Time(block.MinTimeMs),
                Time(block.MaxTimeMs),
                block.Series,
                block.Samples,
                block.Chunks,
                block.Bytes
            )
                + BlocksStatus.NameOf(row.State)
                + (row.Reason.Length > 0 ? $": {row.Reason}" : "");
        }
        foreach (var (window, files, bytes) in status.Windows)
        {
            yield return Text(
                $"log  {Time(window.StartMs)}  {Time(window.EndMs)}  {files} files, {bytes} bytes, in no block yet"
            );
        }
        foreach (var problem in status.Problems)
        {
            yield return $"DAMAGED  {problem}";
        }
        var live = status.Blocks.Where(row => row.State == BlockState.Live).ToList();
        yield return Text($"{live.Count} live blocks, {live.Sum(row => row.Block.Samples)} samples, ")
            + Text(
                $"{live.Sum(row => row.Block.Bytes)} bytes; {status.Windows.Count} windows of the log in no block yet"
            );
    }

    /// <summary>One block.</summary>
    public static IEnumerable<string> Lines(BlockInspection found)
    {
        yield return $"block    {found.Ulid}";
        yield return found.Row is { } row
            ? $"state    {BlocksStatus.NameOf(row.State)} since {row.Since.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}"
                + (row.Reason.Length > 0 ? $": {row.Reason}" : "")
            : "state    not in the manifest: it does not count";
        if ((found.Meta is { } meta ? BlockMetaDescription.Of(meta) : found.Row?.Block) is { } block)
        {
            yield return Text($"level    {block.Level}, number {block.Number}");
            yield return $"range    {Time(block.MinTimeMs)} to {Time(block.MaxTimeMs)}";
            yield return Text($"content  {block.Series} series, {block.Samples} samples, {block.Chunks} chunks");
            yield return $"sources  {string.Join(' ', block.Sources)}";
            if (block.Parents.Count > 0)
            {
                yield return $"parents  {string.Join(' ', block.Parents)}";
            }
            foreach (var (name, length) in block.Consumed)
            {
                yield return Text($"log      {name} {length} bytes");
            }
        }
        foreach (var (path, size) in found.Files)
        {
            yield return Text($"file     {path} {size} bytes");
        }
        if (found.Problem is { } problem)
        {
            yield return $"DAMAGED  {problem}";
        }
    }

    /// <summary>What a verification found.</summary>
    public static string Line(BlockVerdict verdict) =>
        verdict.Problems.Count == 0
            ? Text($"{verdict.Name}  ok  {verdict.Row?.Block.Samples} samples  {verdict.Row?.Block.Bytes} bytes")
            : $"{verdict.Name}  DAMAGED  {string.Join("\n  ", verdict.Problems)}";

    /// <summary>What became of a block that was to be imported.</summary>
    public static string Line(ImportedBlock block) =>
        block.Outcome switch
        {
            ImportOutcome.Imported => Text($"{block.Source}  imported as {block.Block}  {Time(block.MinTimeMs)} to ")
                + Text($"{Time(block.MaxTimeMs)}  {block.Series} series  {block.Samples} samples"),
            ImportOutcome.AlreadyThere => $"{block.Source}  there already: {block.Block}",
            _ => $"{block.Source}  NOT TAKEN  {block.Reason}",
        };

    /// <summary>What a compaction did.</summary>
    public static IEnumerable<string> Lines(CompactResult result)
    {
        if (result.IsElsewhere)
        {
            yield return "nothing was done: another process compacts this storage, or was killed within the last minute";
            yield break;
        }
        foreach (var block in result.Made)
        {
            var from = block.Parents.Count == 0 ? "the log" : Text($"{block.Parents.Count} blocks");
            yield return Text(
                $"{block.Ulid}  level {block.Level}  {Time(block.MinTimeMs)} to {Time(block.MaxTimeMs)}  "
            ) + Text($"{block.Series} series  {block.Samples} samples  made of {from}");
        }
        foreach (var problem in result.Problems)
        {
            yield return $"DAMAGED  {problem}";
        }
        yield return Text($"{result.LogBlocks} blocks made of the log, {result.Merges} of blocks")
            + (result.Refused > 0 ? Text($", {result.Refused} in vain: another process was faster") : "")
            + (result.IsUnfinished ? "; more may be due" : "");
    }

    /// <summary>What a rebuild makes.</summary>
    public static IEnumerable<string> Lines(RebuildPreview plan) =>
        [
            .. plan.Kept.Select(ulid => $"{ulid}  counts"),
            .. plan.LeftOut.Select(ulid => $"{ulid}  left out: another block stands for it"),
            .. plan.Incomplete.Select(ulid => $"{ulid}  left out: some of its files are missing"),
            .. plan.Damaged.Select(problem => $"DAMAGED  {problem}"),
        ];

    /// <summary>What a garbage collection removed, or would remove.</summary>
    public static IEnumerable<string> Lines(GarbageResult named, SweepResult unnamed, bool isDryRun)
    {
        var verb = isDryRun ? "would be " : "";
        yield return Text($"{named.AbandonedBlocks} unfinished blocks {verb}given up");
        yield return Text($"{named.Blocks} deleted blocks {verb}removed");
        yield return Text($"{named.LogFiles} log files that are in blocks {verb}removed");
        yield return Text($"{named.Deletes + unnamed.Deletes} deletes that apply to nothing {verb}removed");
        yield return Text($"{unnamed.Blocks} folders that no row names {verb}removed");
        foreach (var ulid in unnamed.UnknownBlocks)
        {
            yield return $"{ulid}  stays: the manifest does not know this whole block; 'tributary blocks rebuild-manifest' "
                + "takes it in";
        }
        foreach (var problem in named.Problems)
        {
            yield return $"stays until the next run: {problem}";
        }
    }

    private static string Columns(
        object ulid,
        object level,
        string from,
        string to,
        object series,
        object samples,
        object chunks,
        object bytes
    ) =>
        Text($"{ulid, -26}  {level, 5}  {from, -20}  {to, -20}  {series, 9}  {samples, 12}  {chunks, 10}  ")
        + Text($"{bytes, 13}  ");

    private static string Time(long timestampMs) =>
        timestampMs < DateTimeOffset.MinValue.ToUnixTimeMilliseconds()
        || timestampMs > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? Text($"{timestampMs}")
            : Text($"{DateTimeOffset.FromUnixTimeMilliseconds(timestampMs):yyyy-MM-dd'T'HH:mm:ss'Z'}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
