using System.Text;
using System.Text.Json;
using Tributary.Api;
using Tributary.Binary;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Functions.CommandLine;
using Tributary.Jobs;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary><c>tributary export</c>, also while a server runs on the store.</summary>
/// <param name="settings">Where the store and the configuration are.</param>
/// <param name="request">What to do.</param>
/// <param name="output">Gets the answer.</param>
/// <param name="error">Gets progress.</param>
internal sealed class ExportCommand(Settings settings, ExportRequest request, TextWriter output, TextWriter error)
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    private static TimeProvider Time => TimeProvider.System;

    /// <summary>Whether somebody watches; the tests say it themselves.</summary>
    public bool ShowsProgress { get; init; } = !Console.IsErrorRedirected;

    /// <summary>Runs the verb.</summary>
    /// <returns>0; 3 when something is missing in the output; 1 when it failed.</returns>
    /// <exception cref="CommandException">It cannot be done; the message says what to do.</exception>
    public async Task<int> RunAsync()
    {
        var isInStore = settings.Config is { } name && BlobConfig.IsName(name);
        if (isInStore)
        {
            CheckFolder();
        }
        try
        {
            // Errors of the configuration come first: with them there may be no store yet.
            var config = await LoadAsync();
            CheckFolder();
            using var store = new ExportStore(settings, config, Time);
            if (string.Equals(request.Verb, ExportRequest.Run, StringComparison.Ordinal))
            {
                await store.LoadAsync(CancellationToken.None);
            }
            return request.Verb switch
            {
                ExportRequest.List => await ListAsync(store.Job),
                ExportRequest.Show => await ShowAsync(store.Job, Choose(config)),
                _ => await RunAsync(store.Job, Choose(config)),
            };
        }
        catch (StoreException exception)
        {
            throw StorageAccess.Explain(exception);
        }
        catch (CorruptDataException exception)
        {
            throw new CommandException(exception.Message, ExitCode.Failed, exception);
        }
    }

    private void CheckFolder()
    {
        if (settings.ParseStorage() is LocalFolder folder && !Directory.Exists(folder.Path))
        {
            throw new CommandException(
                $"there is no store at '{folder.Path}': {CommandOptions.StorageName} or {Settings.StorageVariable} says where "
                    + $"it is, such as {Settings.DefaultStorage} in the folder where the server was started."
            );
        }
    }

    private async Task<int> RunAsync(ExportJob job, ExportConfig config)
    {
        var timeMs = TimeOf(config);
        var line = new ProgressLine(error, ShowsProgress);
        ExportResult result;
        using (var stop = new StopSignal())
        {
            try
            {
                result = await job.RunAsync(
                    config,
                    timeMs,
                    request.Force,
                    progress => line.Show(() => ExportText.Of(progress)),
                    stop.Token
                );
            }
            catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
            {
                throw new CommandException($"{config.Name}: stopped; nothing was written", ExitCode.Failed);
            }
            finally
            {
                line.Clear();
            }
        }
        if (request.IsJson && result.Row is { } row)
        {
            await WriteAsync(json => ExportsStatus.Write(json, row));
        }
        else
        {
            await output.WriteLineAsync(ExportText.Of(result, config.Name, timeMs));
        }
        return result.Outcome switch
        {
            ExportOutcome.Complete => ExitCode.Done,
            ExportOutcome.Unchanged => result.Row is { State: Exports.ExportState.Complete }
                ? ExitCode.Done
                : ExitCode.Warnings,
            ExportOutcome.Incomplete => ExitCode.Warnings,
            _ => ExitCode.Failed,
        };
    }

    private async Task<int> ListAsync(ExportJob job)
    {
        if (request.Name.Length > 0)
        {
            job.Exports = [.. job.Exports.Where(export => Is(export, request.Name))];
        }
        var status = await job.StatusAsync(ExportJob.ShownRuns, CancellationToken.None);
        if (request.IsJson)
        {
            await WriteAsync(new ExportsStatus(status).Write);
            return ExitCode.Done;
        }
        foreach (var text in ExportText.Lines(status))
        {
            await output.WriteLineAsync(text);
        }
        return ExitCode.Done;
    }

    private async Task<int> ShowAsync(ExportJob job, ExportConfig config)
    {
        var timeMs = request.At is null
            ? (await job.StatusAsync(ExportJob.ShownRuns, CancellationToken.None))
                .Single(status => Is(status.Config, config.Name))
                .Runs.LastOrDefault(run => run.IsFinished)
                ?.TimeMs
            : TimeOf(config);
        var manifest = timeMs is { } ms ? await job.ManifestAsync(config, ms, CancellationToken.None) : null;
        if (manifest is null)
        {
            throw new CommandException(
                request.At is null
                    ? $"{config.Name} has no output yet: 'tributary export run {config.Name}' makes one"
                    : $"{config.Name} has no output for {GapsText.Time(timeMs ?? 0)}: 'tributary export ls' lists its runs"
            );
        }
        await output.WriteAsync(Encoding.UTF8.GetString(manifest.ToBytes()));
        return ExitCode.Done;
    }

    private async Task<CollectorConfig> LoadAsync()
    {
        if (settings.Config is not { } name)
        {
            throw CommandException.Usage(
                $"There is no configuration: {CommandOptions.ConfigName} or {Settings.ConfigVariable} has to name the one with "
                    + "the exports."
            );
        }
        try
        {
            var text = await ConfigSource.ReadTextAsync(
                name,
                () => StorageAccess.OpenBlobs(settings, Time),
                CancellationToken.None
            );
            return text.Read();
        }
        catch (ConfigException exception)
        {
            throw new CommandException(exception.Message, ExitCode.Failed, exception);
        }
    }

    private ExportConfig Choose(CollectorConfig config) =>
        config.Exports.FirstOrDefault(export => Is(export, request.Name))
        ?? throw new CommandException(
            config.Exports.Count == 0
                ? "the configuration has no exports: they stand under tributary: exports"
                : $"there is no export '{Words.Clean(request.Name)}': the configuration has {string.Join(", ", config.Exports.Select(export => export.Name))}"
        );

    private long TimeOf(ExportConfig config)
    {
        var nowMs = Time.GetUtcNow().ToUnixTimeMilliseconds();
        if (request.At is not { } text)
        {
            return config.Schedule.LastUntil(nowMs)
                ?? throw new CommandException($"{config.Name} has not been due yet; --at names a time");
        }
        if (!TimeParameter.TryParse(text, out var ms) || ms < 0 || ms > nowMs)
        {
            throw CommandException.Usage(
                $"--at is no time of the past: '{Words.Clean(text)}'; write seconds since 1970, or such as 2026-11-20T10:00:00Z."
            );
        }
        return ms;
    }

    private async Task WriteAsync(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        await using (var json = new Utf8JsonWriter(bytes, Indented))
        {
            write(json);
        }
        await output.WriteLineAsync(Encoding.UTF8.GetString(bytes.ToArray()));
    }

    private static bool Is(ExportConfig config, string name) =>
        string.Equals(config.Name, name, StringComparison.OrdinalIgnoreCase);
}
