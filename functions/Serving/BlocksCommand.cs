using System.Globalization;
using System.Text;
using System.Text.Json;
using Tributary.Binary;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Functions.CommandLine;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary><c>tributary blocks</c>: parses and prints; the jobs do the work, also while a server runs on the store.</summary>
/// <param name="settings">Where the store is.</param>
/// <param name="request">What to do.</param>
/// <param name="output">Gets the answer.</param>
/// <param name="error">Gets progress and notes.</param>
internal sealed class BlocksCommand(Settings settings, BlocksRequest request, TextWriter output, TextWriter error)
{
    private const string DryRun = "Nothing was changed: add --yes to do it.";

    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    private static TimeProvider Time => TimeProvider.System;

    /// <summary>Whether somebody watches; the tests say it themselves.</summary>
    public bool ShowsProgress { get; init; } = !Console.IsErrorRedirected;

    /// <summary>Runs the verb.</summary>
    /// <returns>0, or 1 when something is damaged or was not taken.</returns>
    /// <exception cref="CommandException">It cannot be done; the message says what to do.</exception>
    public async Task<int> RunAsync()
    {
        RequireStore();
        try
        {
            var blobs = StorageAccess.OpenBlobs(settings, Time);
            var tables = StorageAccess.OpenTables(settings, Time);
            return request.Verb switch
            {
                BlocksRequest.List => await ListAsync(new BlocksJob(blobs, tables)),
                BlocksRequest.Inspect => await InspectAsync(new BlocksJob(blobs, tables)),
                BlocksRequest.Verify => await VerifyAsync(new VerifyBlocksJob(blobs, tables)),
                BlocksRequest.Compact => await CompactAsync(blobs, tables),
                BlocksRequest.Import => await ImportAsync(blobs, tables),
                BlocksRequest.Download => await DownloadAsync(blobs, tables),
                BlocksRequest.Release => await ReleaseAsync(new BlocksJob(blobs, tables)),
                BlocksRequest.Rebuild => await RebuildAsync(new RebuildManifestJob(blobs, tables, Time, NewUlid)),
                BlocksRequest.Garbage => await CollectGarbageAsync(new GarbageJob(blobs, tables, Time, NewUlid)),
                _ => throw new InvalidOperationException($"there is no verb '{request.Verb}'"),
            };
        }
        catch (StoreException exception)
        {
            throw StorageAccess.Explain(exception);
        }
        catch (ConfigException exception)
        {
            throw new CommandException(exception.Message, ExitCode.Failed, exception);
        }
        catch (Exception exception) when (exception is BlocksException or CorruptDataException or IOException)
        {
            throw new CommandException(exception.Message, ExitCode.Failed, exception);
        }
    }

    private static Ulid NewUlid() => Ulid.New(Time, Random.Shared);

    /// <summary>A folder that is not there is a mistake, unless something is to be brought there.</summary>
    private void RequireStore()
    {
        if (
            request.Verb != BlocksRequest.Import
            && settings.ParseStorage() is LocalFolder folder
            && !Directory.Exists(folder.Path)
        )
        {
            throw new CommandException(
                $"there is no store at '{folder.Path}': {CommandOptions.StorageName} or {Settings.StorageVariable} says where "
                    + $"it is, such as {Settings.DefaultStorage} in the folder where the server was started."
            );
        }
    }

    private Ulid Block() =>
        Ulid.TryParse(request.Ulid?.ToUpperInvariant(), out var ulid)
            ? ulid
            : throw CommandException.Usage(
                $"'{request.Ulid}' is no block: a ULID has {Ulid.TextLength} letters and digits; 'tributary blocks ls' lists "
                    + "them."
            );

    private async Task<int> ListAsync(BlocksJob job)
    {
        var status = await job.ListAsync(CancellationToken.None);
        if (request.IsJson)
        {
            await WriteJsonAsync(status.Write);
            return ExitCode.Done;
        }
        foreach (var line in BlocksText.Lines(status))
        {
            await output.WriteLineAsync(line);
        }
        return ExitCode.Done;
    }

    private async Task<int> InspectAsync(BlocksJob job)
    {
        var found = await job.InspectAsync(Block(), CancellationToken.None);
        if (request.IsJson)
        {
            await WriteJsonAsync(json => BlocksJson.Write(json, found));
        }
        else
        {
            foreach (var line in BlocksText.Lines(found))
            {
                await output.WriteLineAsync(line);
            }
        }
        return found.Problem is null ? ExitCode.Done : ExitCode.Failed;
    }

    private async Task<int> VerifyAsync(VerifyBlocksJob job)
    {
        var verdicts = new List<BlockVerdict>();
        await foreach (var verdict in job.RunAsync(request.Ulid is null ? null : Block(), CancellationToken.None))
        {
            verdicts.Add(verdict);
            if (!request.IsJson)
            {
                await output.WriteLineAsync(BlocksText.Line(verdict));
            }
        }
        var damaged = verdicts.Count(verdict => verdict.Problems.Count > 0);
        if (request.IsJson)
        {
            await WriteJsonAsync(json => BlocksJson.Write(json, verdicts));
        }
        else
        {
            await output.WriteLineAsync(Text($"{verdicts.Count} blocks, {damaged} with problems"));
        }
        return damaged == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>As the server does it by itself, without retention: that is no business of a command that may know no configuration.</summary>
    private async Task<int> CompactAsync(IBlobStore blobs, ITableStore tables)
    {
        var config = settings.Config is { } name
            ? (await ConfigSource.ReadTextAsync(name, () => blobs, CancellationToken.None)).Read()
            : new CollectorConfig();
        var plan = Compaction.PlanOf(config.Storage) with
        {
            RemoteWriteMaxAge = config.RemoteWriteMaxAge,
            Retention = new RetentionPlan { Time = null },
            NoNewStepAfter = TimeSpan.MaxValue,
            MaxBlocks = request.IsOne ? 1 : int.MaxValue,
        };
        var result = await new CompactJob(blobs, tables, Time, NewUlid).RunAsync(plan, CancellationToken.None);
        if (request.IsJson)
        {
            await WriteJsonAsync(json => BlocksJson.Write(json, result));
        }
        else
        {
            foreach (var line in BlocksText.Lines(result))
            {
                await output.WriteLineAsync(line);
            }
        }
        return result.IsElsewhere || result.Problems.Count > 0 ? ExitCode.Failed : ExitCode.Done;
    }

    private async Task<int> ImportAsync(IBlobStore blobs, ITableStore tables)
    {
        var folder = ImportFolder.Open(request.Folder!);
        var progress = new ProgressLine(error, ShowsProgress);
        var job = new ImportJob(blobs, tables, Time, NewUlid) { Progress = progress.Show };
        var blocks = new List<ImportedBlock>();
        await foreach (var block in job.RunAsync(folder, CancellationToken.None))
        {
            blocks.Add(block);
            progress.Clear();
            if (!request.IsJson)
            {
                await output.WriteLineAsync(BlocksText.Line(block));
            }
        }
        var refused = blocks.Count(block => block.Outcome == ImportOutcome.Refused);
        if (request.IsJson)
        {
            await WriteJsonAsync(json => BlocksJson.Write(json, blocks));
        }
        else
        {
            var there = blocks.Count(block => block.Outcome == ImportOutcome.AlreadyThere);
            await output.WriteLineAsync(
                Text($"{blocks.Count - refused - there} imported, {there} were there already, {refused} not taken")
            );
        }
        if (folder.HasLog)
        {
            await error.WriteLineAsync(
                "note: the samples in wal/ are in no block yet and were not imported (about the last three hours): a snapshot "
                    + "of the Prometheus has them, see docs/blocks.md."
            );
        }
        return refused == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private async Task<int> DownloadAsync(IBlobStore blobs, ITableStore tables)
    {
        var ulid = Block();
        var progress = new ProgressLine(error, ShowsProgress);
        var job = new DownloadBlockJob(blobs, tables)
        {
            Progress = (done, bytes) => progress.Show(new ImportProgress(1, 1, ulid, done, bytes)),
        };
        var copied = await job.RunAsync(ulid, request.Folder!, CancellationToken.None);
        progress.Clear();
        var path = Path.Join(request.Folder, ulid.ToString());
        if (request.IsJson)
        {
            await WriteJsonAsync(json =>
            {
                json.WriteStartObject();
                json.WriteString("path"u8, path);
                json.WriteNumber("bytes"u8, copied ?? 0);
                json.WriteBoolean("wasThere"u8, copied is null);
                json.WriteEndObject();
            });
            return ExitCode.Done;
        }
        await output.WriteLineAsync(copied is { } bytes ? Text($"{path}: {bytes} bytes") : $"{path} is there already");
        await error.WriteLineAsync(
            $"To look at it: promtool tsdb dump {request.Folder}, or prometheus --storage.tsdb.path={request.Folder}"
        );
        return ExitCode.Done;
    }

    private async Task<int> ReleaseAsync(BlocksJob job)
    {
        var ulid = Block();
        await job.ReleaseAsync(ulid, Time, NewUlid(), CancellationToken.None);
        if (request.IsJson)
        {
            await WriteJsonAsync(json =>
            {
                json.WriteStartObject();
                json.WriteString("released"u8, ulid.ToString());
                json.WriteEndObject();
            });
            return ExitCode.Done;
        }
        await output.WriteLineAsync($"{ulid} counts again");
        return ExitCode.Done;
    }

    private async Task<int> RebuildAsync(RebuildManifestJob job)
    {
        var plan = await job.PlanAsync(CancellationToken.None);
        var result = request.IsYes ? await job.RunAsync(CancellationToken.None) : null;
        if (request.IsJson)
        {
            await WriteJsonAsync(json => BlocksJson.Write(json, plan, result));
            return plan.Damaged.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        }
        foreach (var line in BlocksText.Lines(plan))
        {
            await output.WriteLineAsync(line);
        }
        await output.WriteLineAsync(
            result is null
                ? Text($"{plan.Kept.Count} blocks would count, {plan.LeftOut.Count} would not. {DryRun}")
                : Text($"{result.Blocks} blocks count, {result.LeftOut} do not; partition {result.Partition}")
        );
        return plan.Damaged.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private async Task<int> CollectGarbageAsync(GarbageJob job)
    {
        var options = new GarbageOptions { IsDryRun = !request.IsYes };
        var (named, unnamed) = await job.RunAsync(options, CancellationToken.None);
        if (request.IsJson)
        {
            await WriteJsonAsync(json => BlocksJson.Write(json, named, unnamed, options.IsDryRun));
        }
        else
        {
            foreach (var line in BlocksText.Lines(named, unnamed, options.IsDryRun))
            {
                await output.WriteLineAsync(line);
            }
            if (options.IsDryRun)
            {
                await output.WriteLineAsync(DryRun);
            }
        }
        return named.Problems.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private async Task WriteJsonAsync(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        await using (var json = new Utf8JsonWriter(bytes, Indented))
        {
            write(json);
        }
        await output.WriteLineAsync(Encoding.UTF8.GetString(bytes.ToArray()));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
