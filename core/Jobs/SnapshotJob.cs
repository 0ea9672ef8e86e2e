using System.Globalization;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Compaction;
using Tributary.Storage.Files;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>
/// Copies everything that counts into a folder of its own, <c>snapshots/&lt;name&gt;/</c>: a data directory that Prometheus
/// and its tools open. Nothing is changed, nothing waits.
/// </summary>
/// <remarks>
/// What is written last makes it whole. A folder without that, to which nothing was written for a day, is a killed
/// process's; the next snapshot removes it.
/// </remarks>
/// <param name="blobs">Where log and blocks lie, and the snapshot.</param>
/// <param name="tables">Where the manifest lies.</param>
/// <param name="time">Gives the snapshot its name.</param>
/// <param name="newUlid">Makes identifiers of the present time; never the same twice.</param>
public sealed class SnapshotJob(IBlobStore blobs, ITableStore tables, TimeProvider time, Func<Ulid> newUlid)
{
    /// <summary>What the names of all files of all snapshots begin with.</summary>
    public const string Prefix = "snapshots/";

    /// <summary>An empty segment of a write-ahead log: promtool takes a folder without one for no database.</summary>
    private const string EmptyLog = "wal/00000000";

    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    private static readonly TimeRange Always = new(0, long.MaxValue / 2);

    /// <summary>A process that works writes something much more often.</summary>
    private static readonly TimeSpan UnfinishedAge = TimeSpan.FromHours(24);

    /// <summary>Makes a snapshot; it is there whole or not at all, but for a process that is killed.</summary>
    /// <param name="skipHead">Whether what is in no block yet is left out.</param>
    /// <param name="options">What it may use.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    /// <exception cref="CorruptDataException">The manifest, a delete or a block is damaged.</exception>
    public async Task<Snapshot> RunAsync(bool skipHead, CompactionOptions options, CancellationToken cancellationToken)
    {
        await RemoveUnfinishedAsync(cancellationToken);
        var at = time.GetUtcNow().ToString(TimeFormat, CultureInfo.InvariantCulture);
        var name = $"{at}-{(ulong)newUlid().Value & long.MaxValue:x16}";
        var folder = $"{Prefix}{name}/";
        var storeId = await StoreIdentity.GetAsync(blobs, newUlid, cancellationToken);
        options = options with { StoreId = storeId, Container = folder };
        var view = new StoreView(blobs, new ManifestReader(tables));
        return await view.ReadAsync(
            Always,
            async (plan, token) =>
            {
                try
                {
                    var warnings = new List<string>();
                    var files = await CopyBlocksAsync(plan, folder, options, warnings, token);
                    files += skipHead ? 0 : await WriteLogAsync(plan, folder, options, warnings, token);
                    var none = ReadOnlyMemory<byte>.Empty;
                    await blobs.WriteAsync(folder + EmptyLog, none, WriteCondition.Create, token);
                    await RequireAsync(folder, files + 1, token);
                    return new Snapshot(name, warnings);
                }
                catch (Exception)
                {
                    // Half of a snapshot must not be taken for one; and the next plan begins with nothing.
                    await RemoveAsync(folder);
                    throw;
                }
            },
            cancellationToken
        );
    }

    /// <returns>How many files that makes.</returns>
    private async Task<int> CopyBlocksAsync(
        StorePlan plan,
        string folder,
        CompactionOptions options,
        List<string> warnings,
        CancellationToken cancellationToken
    )
    {
        warnings.AddRange(
            plan.QuarantinedBlocks.Select(row => $"block {row.Block.Ulid} is damaged and left out: {row.Reason}")
        );
        var files = 0;
        foreach (var row in plan.Blocks)
        {
            List<DeleteDescription> deletes = [.. plan.DeletesOf(row.Block)];
            if (deletes.Count == 0)
            {
                files += await CopyAsync(row.Block.Ulid, folder, cancellationToken);
                continue;
            }
            // Written anew: what is deleted must not come back from a snapshot.
            var task = new BlockTask
            {
                Block = row.Block with { Ulid = newUlid(), Parents = [row.Block.Ulid], Files = [], Consumed = [] },
                Inputs = [row],
                Deletes = deletes,
            };
            files += FilesOf(await new BlockCompaction(blobs, options).WriteAsync(task, cancellationToken));
        }
        return files;
    }

    /// <summary>Its files, of which the description leaves out <c>meta.json</c>.</summary>
    private static int FilesOf(WrittenBlock? block) => block is null ? 0 : block.Block.Files.Count + 1;

    private async Task<int> CopyAsync(Ulid ulid, string folder, CancellationToken cancellationToken)
    {
        var (from, to) = (BlockPaths.PrefixOf(ulid), $"{folder}{ulid}/");
        var files = await BlockFileNames.ListAsync(blobs, from, cancellationToken);
        var buffer = new byte[StoreLimits.PieceBytes];
        foreach (var path in files.Select(file => file.Path).Append(BlockPaths.Meta))
        {
            var upload = new BlobUpload(blobs, to + path, (ulong)newUlid().Value);
            int read;
            while ((read = await blobs.ReadAsync(from + path, upload.Position, buffer, null, cancellationToken)) > 0)
            {
                upload.Write(buffer.AsSpan(0, read));
                await upload.FlushAsync(cancellationToken);
            }
            await upload.CommitAsync(cancellationToken);
        }
        return files.Count + 1;
    }

    /// <summary>Blocks of what is in none yet, window by window; a damaged log file is left out.</summary>
    /// <returns>How many files that makes.</returns>
    private async Task<int> WriteLogAsync(
        StorePlan plan,
        string folder,
        CompactionOptions options,
        List<string> warnings,
        CancellationToken cancellationToken
    )
    {
        var count = 0;
        foreach (var window in plan.LogFiles.GroupBy(file => file.Name.Window).OrderBy(window => window.Key))
        {
            for (List<PlannedLogFile> files = [.. window]; files.Count > 0; )
            {
                var task = TaskOf(window.Key, files, plan);
                try
                {
                    count += FilesOf(await new LogCompaction(blobs, options).WriteAsync(task, cancellationToken));
                    break;
                }
                catch (CorruptDataException exception)
                    when (files.RemoveAll(file => file.Name.ToString() == exception.Blob) > 0)
                {
                    warnings.Add($"a log file is damaged and left out: {exception.Message}");
                    await RemoveAsync($"{folder}{task.Block.Ulid}/");
                }
            }
        }
        return count;
    }

    private BlockTask TaskOf(Window window, IReadOnlyList<PlannedLogFile> files, StorePlan plan)
    {
        var ulid = newUlid();
        return new BlockTask
        {
            Block = new BlockDescription
            {
                Ulid = ulid,
                Level = 1,
                MinTimeMs = window.StartMs,
                MaxTimeMs = window.EndMs,
                Number = plan.Manifest.State.Number + 1,
                Sources = [ulid],
            },
            LogFiles = files,
            Deletes = [.. plan.Deletes.Where(delete => files.Any(file => delete.LogFiles.Contains(file.Name)))],
        };
    }

    /// <summary>Who stood still for a day in the middle may have been taken for a killed one.</summary>
    private async Task RequireAsync(string folder, int files, CancellationToken cancellationToken)
    {
        var there = await blobs.ListAsync(folder, cancellationToken).CountAsync(cancellationToken);
        if (there != files)
        {
            throw new StoreException(
                StoreError.NotFound,
                $"{folder} has {there} files instead of {files}: somebody removed some while it was written"
            );
        }
    }

    private async Task RemoveUnfinishedAsync(CancellationToken cancellationToken)
    {
        var now = await StoreClock.NowAsync(tables, time, cancellationToken);
        var unfinished = new Dictionary<string, bool>(StringComparer.Ordinal);
        await foreach (var blob in blobs.ListAsync(Prefix, cancellationToken))
        {
            var end = blob.Name.IndexOf('/', Prefix.Length);
            if (end < 0 || !IsName(blob.Name[Prefix.Length..end]))
            {
                continue;
            }
            var folder = blob.Name[..(end + 1)];
            var isLeft = blob.LastModified + UnfinishedAge <= now && blob.Name != folder + EmptyLog;
            unfinished[folder] = isLeft && unfinished.GetValueOrDefault(folder, true);
        }
        foreach (var (folder, _) in unfinished.Where(one => one.Value))
        {
            await RemoveAsync(folder);
        }
    }

    private static bool IsName(string folder) =>
        folder.IndexOf('-', StringComparison.Ordinal) is > 0 and var end
        && DateTime.TryParseExact(folder[..end], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private async Task RemoveAsync(string prefix)
    {
        // Also when the request was ended.
        var names = new List<string>();
        await foreach (var blob in blobs.ListAsync(prefix, CancellationToken.None))
        {
            names.Add(blob.Name);
        }
        // meta.json first, without which a block is none.
        foreach (var name in names.OrderBy(name => !name.EndsWith(BlockPaths.Meta, StringComparison.Ordinal)))
        {
            await blobs.DeleteAsync(name, null, CancellationToken.None);
        }
    }
}

/// <summary>A snapshot.</summary>
/// <param name="Name">Its name: the folder below <see cref="SnapshotJob.Prefix"/>.</param>
/// <param name="Warnings">What is not in it although it counts, for people.</param>
public sealed record Snapshot(string Name, IReadOnlyList<string> Warnings);
