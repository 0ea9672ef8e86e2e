using System.Globalization;
using System.Text;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>
/// Log files and blocks as texts that list samples, so that the manifest's protocol can be judged without the real
/// formats: it is the same protocol that writes, commits and reads those.
/// </summary>
internal static class StandInBlocks
{
    private const string ChunksFile = "chunks/000001";
    private const string IndexFile = "index";

    /// <summary>Appends a sample to the window's file, or to a new one when that takes no more.</summary>
    public static async Task<LogFileName> AppendAsync(
        IBlobStore blobs,
        Dictionary<Window, (LogFileName Name, long Length)> open,
        StandInSample sample,
        Func<Ulid> newUlid
    )
    {
        var window = Window.Of(sample.TimestampMs);
        while (true)
        {
            if (!open.TryGetValue(window, out var file))
            {
                file = (new LogFileName(window, newUlid()), 0);
                await blobs.CreateAppendAsync(file.Name.ToString(), default);
                open[window] = file;
            }
            try
            {
                var bytes = Encoding.ASCII.GetBytes(sample.ToString());
                var length = await blobs.AppendAsync(file.Name.ToString(), file.Length, bytes, default);
                open[window] = (file.Name, length);
                return file.Name;
            }
            catch (StoreException exception) when (exception.Error is StoreError.Sealed or StoreError.NotFound)
            {
                open.Remove(window);
            }
        }
    }

    /// <summary>Writes a block as a compaction would: inputs read, deletes applied, <c>meta.json</c> last.</summary>
    public static BlockWrite Writer(IBlobStore blobs, TimeProvider time) =>
        async (task, cancellationToken) =>
        {
            var samples = new SortedSet<StandInSample>();
            foreach (var (name, blob) in task.LogFiles)
            {
                var read = await ReadAsync(blobs, name.ToString(), blob.LengthBytes);
                samples.UnionWith(Left(read, task.Deletes.Where(delete => delete.LogFiles.Contains(name))));
            }
            foreach (var input in task.Inputs)
            {
                var read = await ReadAsync(blobs, input.Block);
                samples.UnionWith(Left(read, task.Deletes.Where(delete => delete.AppliesTo(input.Block))));
            }
            if (samples.Count == 0)
            {
                return null;
            }
            var files = new List<BlockFile>();
            var text = string.Concat(samples);
            foreach (var (path, content) in new[] { (ChunksFile, text), (IndexFile, $"{samples.Count}") })
            {
                await WriteAsync(blobs, time, task.Block.Ulid, path, content, cancellationToken);
                files.Add(new BlockFile(path, content.Length));
            }
            var block = task.Block with { Samples = samples.Count, Files = files };
            var meta = Meta(block);
            await WriteAsync(blobs, time, block.Ulid, BlockDescription.MetaFile, meta, cancellationToken);
            files.Add(new BlockFile(BlockDescription.MetaFile, meta.Length));
            return new WrittenBlock(block, Encoding.ASCII.GetBytes($"{samples.Count}"));
        };

    /// <summary>All samples of a plan.</summary>
    public static async Task<SortedSet<StandInSample>> ReadAsync(IBlobStore blobs, StorePlan plan)
    {
        var samples = new SortedSet<StandInSample>();
        foreach (var (name, blob) in plan.LogFiles)
        {
            samples.UnionWith(Left(await ReadAsync(blobs, blob.Name, blob.LengthBytes), plan.DeletesOf(name)));
        }
        foreach (var row in plan.Blocks)
        {
            samples.UnionWith(Left(await ReadAsync(blobs, row.Block), plan.DeletesOf(row.Block)));
        }
        return samples;
    }

    /// <summary>All whole blocks, by their <c>meta.json</c>.</summary>
    public static async Task<IReadOnlyList<RebuiltBlock>> FindAsync(IBlobStore blobs)
    {
        var metas = new List<string>();
        await foreach (var blob in blobs.ListAsync(BlockDescription.Prefix, default))
        {
            if (blob.Name.EndsWith("/" + BlockDescription.MetaFile, StringComparison.Ordinal))
            {
                metas.Add(blob.Name);
            }
        }
        var found = new List<RebuiltBlock>();
        foreach (var name in metas)
        {
            // What is shorter is a test's own orphan.
            if (await blobs.GetInfoAsync(name, default) is { LengthBytes: > 40 } info)
            {
                var bytes = new byte[info.LengthBytes];
                await blobs.ReadAsync(name, 0, bytes, null, default);
                found.Add(new RebuiltBlock(Parse(Encoding.ASCII.GetString(bytes)), default));
            }
        }
        return found;
    }

    private static Task<List<StandInSample>> ReadAsync(IBlobStore blobs, BlockDescription block)
    {
        var file = block.Files.Single(one => one.Path == ChunksFile);
        return ReadAsync(blobs, BlockDescription.PrefixOf(block.Ulid) + ChunksFile, file.SizeBytes);
    }

    private static async Task<List<StandInSample>> ReadAsync(IBlobStore blobs, string name, long length)
    {
        var bytes = new byte[length];
        var read = await blobs.ReadAsync(name, 0, bytes, null, default);
        return [.. StandInSample.Parse(bytes.AsSpan(0, read))];
    }

    private static IEnumerable<StandInSample> Left(
        IEnumerable<StandInSample> samples,
        IEnumerable<DeleteDescription> deletes
    )
    {
        var applied = deletes.ToList();
        return samples.Where(sample =>
            !applied.Exists(delete =>
                delete.Range.Contains(sample.TimestampMs) && delete.Selectors.Contains(sample.Series)
            )
        );
    }

    private static async Task WriteAsync(
        IBlobStore blobs,
        TimeProvider time,
        Ulid ulid,
        string path,
        string content,
        CancellationToken cancellationToken
    )
    {
        var name = BlockDescription.PrefixOf(ulid) + path;
        var bytes = Encoding.ASCII.GetBytes(content);
        try
        {
            await StoreRetry.RunAsync(
                () => blobs.WriteAsync(name, bytes, WriteCondition.Create, cancellationToken),
                time,
                cancellationToken
            );
        }
        catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet)
        {
            // An earlier try was in.
        }
    }

    private static string Meta(BlockDescription block) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{block.Ulid}\n{block.Level} {block.MinTimeMs} {block.MaxTimeMs} {block.Number} {block.Samples}\n"
                + $"{string.Join(' ', block.Sources)}\n{string.Join(' ', block.Parents)}\n"
                + $"{string.Join(' ', block.Files.Select(file => $"{file.Path}:{file.SizeBytes}"))}\n"
                + $"{string.Join(' ', block.Consumed.Select(file => $"{file.Name}:{file.LengthBytes}"))}\n"
        );

    private static BlockDescription Parse(string meta)
    {
        var lines = meta.Split('\n');
        var numbers = lines[1].Split(' ').Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToList();
        List<BlockFile> files =
        [
            .. Pairs(lines[4]).Select(pair => new BlockFile(pair.Name, pair.Number)),
            new BlockFile(BlockDescription.MetaFile, meta.Length),
        ];
        return new BlockDescription
        {
            Ulid = UlidOf(lines[0]),
            Level = (int)numbers[0],
            MinTimeMs = numbers[1],
            MaxTimeMs = numbers[2],
            Number = numbers[3],
            Samples = numbers[4],
            Sources = [.. Words(lines[2]).Select(UlidOf)],
            Parents = [.. Words(lines[3]).Select(UlidOf)],
            Files = files,
            Consumed =
            [
                .. Pairs(lines[5])
                    .Select(pair =>
                        LogFileName.TryParse(pair.Name, out var name)
                            ? new ConsumedLogFile(name, pair.Number)
                            : throw new InvalidDataException(pair.Name)
                    ),
            ],
        };
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<(string Name, long Number)> Pairs(string line) =>
        Words(line)
            .Select(word => word.Split(':'))
            .Select(parts => (parts[0], long.Parse(parts[1], CultureInfo.InvariantCulture)));

    private static Ulid UlidOf(string text) =>
        Ulid.TryParse(text, out var ulid) ? ulid : throw new InvalidDataException(text);
}
