using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Tributary.Api;
using Tributary.Configuration.Yaml;
using Tributary.Discovery;
using Tributary.Functions.CommandLine;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Storage.Ledger;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary><c>tributary gaps</c> and <c>tributary backfill</c>, also while a server runs on the store.</summary>
/// <param name="settings">Where the store and the configuration are.</param>
/// <param name="request">What to do.</param>
/// <param name="output">Gets the answer.</param>
/// <param name="error">Gets progress.</param>
internal sealed class GapsCommand(Settings settings, GapsRequest request, TextWriter output, TextWriter error)
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    private static TimeProvider Time => TimeProvider.System;

    /// <summary>Whether somebody watches; the tests say it themselves.</summary>
    public bool ShowsProgress { get; init; } = !Console.IsErrorRedirected;

    /// <summary>Runs the verb.</summary>
    /// <returns>0.</returns>
    /// <exception cref="CommandException">It cannot be done; the message says what to do.</exception>
    public async Task<int> RunAsync()
    {
        if (settings.ParseStorage() is LocalFolder folder && !Directory.Exists(folder.Path))
        {
            throw new CommandException(
                $"there is no store at '{folder.Path}': {CommandOptions.StorageName} or {Settings.StorageVariable} says where "
                    + $"it is, such as {Settings.DefaultStorage} in the folder where the server was started."
            );
        }
        try
        {
            return request.From is null ? await ListAsync() : await FillAsync();
        }
        catch (StoreException exception)
        {
            throw StorageAccess.Explain(exception);
        }
        catch (BackfillException exception)
        {
            throw new CommandException(exception.Message, ExitCode.Failed, exception);
        }
    }

    private async Task<int> ListAsync()
    {
        var ledger = new SourceLedger(StorageAccess.OpenTables(settings, Time), Time);
        await ledger.LoadAsync(CancellationToken.None);
        var status = GapsStatus.Of(ledger, request.Source);
        if (request.IsJson)
        {
            using var bytes = new MemoryStream();
            await using (var json = new Utf8JsonWriter(bytes, Indented))
            {
                status.Write(json);
            }
            await output.WriteLineAsync(Encoding.UTF8.GetString(bytes.ToArray()));
            return ExitCode.Done;
        }
        foreach (var line in GapsText.Lines(status))
        {
            await output.WriteLineAsync(line);
        }
        return ExitCode.Done;
    }

    private async Task<int> FillAsync()
    {
        var range = new TimeRange(TimeOf("--from", request.From!), TimeOf("--to", request.To!));
        if (range.MinMs >= range.MaxMs)
        {
            throw CommandException.Usage("--from has to be before --to.");
        }
        if (settings.Config is null)
        {
            throw CommandException.Usage(
                $"There is no configuration: {CommandOptions.ConfigName} or {Settings.ConfigVariable} has to name the one that "
                    + "has the source."
            );
        }
        using var collector = new CollectorServer(
            settings,
            StorageAccess.OpenBlobs(settings, Time),
            StorageAccess.OpenTables(settings, Time),
            Time
        );
        using var reload = new ConfigReload(settings, collector, Time, NullLogger.Instance);
        // The configuration is read and checked as a server does it; what is not for this server is left out.
        collector.Configure((await reload.LoadFirstAsync(CancellationToken.None))!);
        await collector.Discover.RefreshAsync(CancellationToken.None);
        var target = Choose(collector);
        // Where the sources stand, and which of the steps are in the log already.
        await collector.Collect.LoadAsync(CancellationToken.None);
        var result = await collector.Backfill.RunAsync(target, range, Show, CancellationToken.None);
        Clear();
        await output.WriteLineAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{target.Source}: {result.Samples} samples of {GapsText.Time(range.MinMs)} to {GapsText.Time(range.MaxMs)} are stored"
            )
                + (
                    result.Known > 0
                        ? string.Create(CultureInfo.InvariantCulture, $"; {result.Known} steps were there already")
                        : ""
                )
        );
        return ExitCode.Done;

        void Show(long atMs)
        {
            if (ShowsProgress)
            {
                var percent = 100 * (atMs - range.MinMs) / (range.MaxMs - range.MinMs);
                error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{GapsText.Time(atMs)} {percent, 3}%"));
            }
        }
    }

    private void Clear()
    {
        if (ShowsProgress)
        {
            error.Write("\r" + new string(' ', 26) + "\r");
        }
    }

    /// <summary>The one source that is meant.</summary>
    private Target Choose(CollectorServer collector)
    {
        var sources = collector
            .Collect.Sources()
            .Select(source => source.Memory.Source)
            .Where(source => source.StartsWith(request.Source, StringComparison.Ordinal))
            .ToList();
        var exact = sources.FindAll(source => string.Equals(source, request.Source, StringComparison.Ordinal));
        sources = exact.Count > 0 ? exact : sources;
        if (sources.Count != 1)
        {
            var known =
                sources.Count > 0 ? sources : [.. collector.Collect.Sources().Select(source => source.Memory.Source)];
            throw new CommandException(
                (sources.Count == 0 ? "no source begins" : "several sources begin")
                    + $" with '{Words.Clean(request.Source)}': the configuration has {string.Join(", ", known.Take(10))}"
            );
        }
        return collector.Collect.TargetsOf(sources[0]).FirstOrDefault(target => target.IsFederate)
            ?? throw new CommandException(
                $"{sources[0]} cannot be asked for the past: only the /federate of a Prometheus can, an exporter has no history."
            );
    }

    private static long TimeOf(string name, string text) =>
        TimeParameter.TryParse(text, out var ms)
            ? ms
            : throw CommandException.Usage(
                $"{name} is no time: '{Words.Clean(text)}'; write seconds since 1970, or such as 2026-11-20T10:00:00Z."
            );
}
