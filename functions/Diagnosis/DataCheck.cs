using System.Globalization;
using System.Text;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Functions.Diagnosis;

/// <summary>What is in the store: one store, whole, and its log on the way into blocks.</summary>
/// <param name="blobs">Its blobs.</param>
/// <param name="tables">Its tables.</param>
/// <param name="time">The clock.</param>
internal sealed class DataCheck(IBlobStore blobs, ITableStore tables, TimeProvider time)
{
    /// <summary>So many of the newest blocks are looked at.</summary>
    private const int LookedAt = 3;

    /// <summary>A window becomes blocks a quarter of an hour after its end; this long after it something is wrong.</summary>
    private static readonly TimeSpan LateCompaction = TimeSpan.FromHours(6);

    /// <summary>Looks.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    /// <exception cref="CorruptDataException">The manifest has to be rebuilt.</exception>
    public async Task RunAsync(FindingList findings, CancellationToken stop)
    {
        var id = await IdAsync(findings, stop);
        var manifest = await new ManifestReader(tables).ReloadAsync(stop);
        foreach (var (row, problem) in manifest.Problems)
        {
            findings.Fail(
                $"a row of the manifest cannot be read: {row}: {problem}",
                "tributary blocks rebuild-manifest makes a new one."
            );
        }
        await CheckBlocksAsync(manifest, id, findings, stop);
        await CheckLogAsync(manifest, findings, stop);
    }

    private async Task<string?> IdAsync(FindingList findings, CancellationToken stop)
    {
        if (await blobs.GetInfoAsync(StoreIdentity.BlobName, stop) is null)
        {
            findings.Skip("the store has no identifier yet: the first compaction makes it");
            return null;
        }
        var bytes = new byte[Ulid.TextLength + 1];
        var read = await blobs.ReadAsync(StoreIdentity.BlobName, 0, bytes, null, stop);
        var text = Encoding.ASCII.GetString(bytes, 0, read);
        if (!Ulid.TryParse(text, out _))
        {
            findings.Fail(
                $"{StoreIdentity.BlobName} is not the identifier of a store",
                "Restore it from a copy; it is the label tributary_store in the meta.json of every block."
            );
            return null;
        }
        findings.Ok($"the store is {text}");
        return text;
    }

    private async Task CheckBlocksAsync(
        ManifestSnapshot manifest,
        string? id,
        FindingList findings,
        CancellationToken stop
    )
    {
        var live = manifest.Live.OrderByDescending(row => row.Block.MaxTimeMs).ToList();
        foreach (var row in live.Take(LookedAt))
        {
            await CheckBlockAsync(row.Block.Ulid, id, findings, stop);
        }
        var quarantined = manifest.Blocks.Values.Where(row => row.State is BlockState.Quarantined).ToList();
        foreach (var row in quarantined)
        {
            findings.Warn(
                $"block {row.Block.Ulid} is damaged and left out: {row.Reason}",
                $"tributary blocks verify {row.Block.Ulid}; tributary blocks release {row.Block.Ulid} takes it again."
            );
        }
        findings.Ok(
            live.Count == 0
                ? "there are no blocks yet"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{live.Count} blocks, up to {Time(live[0].Block.MaxTimeMs)}"
                )
        );
    }

    private async Task CheckBlockAsync(Ulid ulid, string? id, FindingList findings, CancellationToken stop)
    {
        var name = BlockDescription.PrefixOf(ulid) + BlockDescription.MetaFile;
        if (await blobs.GetInfoAsync(name, stop) is not { } info)
        {
            findings.Fail(
                $"the manifest has block {ulid}, and its files are not there: do tables and blobs belong together?",
                "Two stores are mixed, or somebody deleted the files. Check that both services are of one account; tributary "
                    + "blocks rebuild-manifest makes a manifest of the blocks that are there."
            );
            return;
        }
        var bytes = new byte[(int)Math.Min(info.LengthBytes, BlockMetaJson.MaxBytes)];
        var read = await blobs.ReadAsync(name, 0, bytes, null, stop);
        var meta = BlockMetaJson.Read(bytes.AsMemory(0, read), name);
        var label = meta.Labels.FirstOrDefault(one => one.Key == LabelSet.StoreLabel).Value;
        if (id is not null && label is not null && label != id)
        {
            findings.Fail(
                $"block {ulid} is of the store {label}, and this is {id}: two stores are mixed",
                "Copy blocks with tributary blocks import, which takes them in; or restore store/id if that was replaced."
            );
        }
    }

    private async Task CheckLogAsync(ManifestSnapshot manifest, FindingList findings, CancellationToken stop)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var files = await LogListing.AllAsync(blobs, stop);
        var waiting = files
            .Where(file =>
                file.Blob.LengthBytes > 0
                && file.Name.Window.EndMs + LateCompaction.TotalMilliseconds < nowMs
                && !manifest.IsConsumed(file.Name, file.Blob.LengthBytes)
            )
            .ToList();
        if (waiting.Count > 0)
        {
            var oldest = waiting.Min(file => file.Name.Window.StartMs);
            findings.Warn(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{waiting.Count} files of the log since {Time(oldest)} are not in blocks, though their time is over for more than {LateCompaction.TotalHours} h"
                ),
                "Compaction does not run, or fails: look at TRIBUTARY_COMPACT_SCHEDULE and at the log of the function Compact, or "
                    + "of the server."
            );
            return;
        }
        findings.Ok(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{files.Count} files of the log, {files.Sum(file => file.Blob.LengthBytes) >> 20} MiB"
            )
        );
    }

    private static string Time(long timeMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(timeMs).ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
