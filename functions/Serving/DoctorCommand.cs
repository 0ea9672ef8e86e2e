using Tributary.Configuration;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Diagnosis;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary><c>tributary doctor</c>: looks at everything that a deployment needs, from where it runs, and says what to do.</summary>
/// <param name="options">The command line.</param>
/// <param name="request">Which checks, and how long.</param>
/// <param name="surroundings">This machine.</param>
/// <param name="output">Gets what was found.</param>
internal sealed class DoctorCommand(
    CommandOptions options,
    DoctorRequest request,
    Surroundings surroundings,
    TextWriter output
)
{
    private const string NoConfiguration = "there is no valid configuration";

    /// <summary>Where <c>--app-settings -</c> reads.</summary>
    public TextReader Input { get; init; } = Console.In;

    /// <summary>Runs all checks; the first signal ends them, and what they made is removed.</summary>
    public static async Task<int> RunAsync(CommandOptions options, DoctorRequest request)
    {
        using var stop = new StopSignal();
        return await new DoctorCommand(options, request, Surroundings.OfProcess(), Console.Out).RunAsync(stop.Token);
    }

    /// <summary>Runs all checks.</summary>
    /// <returns>0, 1 when something does not work, or 3 when there are only warnings.</returns>
    /// <exception cref="CommandException">The app settings cannot be read.</exception>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var around = await WithAppSettingsAsync();
        using var run = new CheckRun(request, around.Time, stop);
        var settings = new SettingsCheck(options, around, request.AppSettings is not null);
        // Everything else needs the settings, so they are looked at also when nobody wants to read it.
        var found = new FindingList();
        settings.Run(found);
        await RunAsync(
            run,
            CheckNames.Settings,
            (findings, _) =>
            {
                findings.AddRange(found);
                return Task.CompletedTask;
            }
        );
        if (settings.Settings is { } usable)
        {
            await RunAllAsync(run, usable, settings, around);
        }
        else
        {
            foreach (var name in CheckNames.All.Skip(1))
            {
                run.Skip(name, "the settings cannot be used");
                await ShowAsync(run);
            }
        }
        await output.WriteLineAsync(
            request.IsJson ? DoctorJson.Write(run.Reports, settings.Settings) : "\n" + DoctorText.Sum(run.Reports)
        );
        var worst = run
            .Reports.SelectMany(report => report.Findings)
            .Select(finding => finding.Kind)
            .DefaultIfEmpty()
            .Max();
        return worst switch
        {
            FindingKind.Failure => ExitCode.Failed,
            FindingKind.Warning => ExitCode.Warnings,
            _ => ExitCode.Done,
        };
    }

    private async Task RunAllAsync(CheckRun run, Settings settings, SettingsCheck found, Surroundings around)
    {
        var storage = new StorageCheck(settings, found.StorageName, around.Time);
        await RunAsync(run, CheckNames.Storage, storage.RunAsync);
        var unreached = storage.IsReached || request.Skipped.Contains(CheckNames.Storage) ? null : storage.Unreached;
        var runId = Ulid.New(around.Time, Random.Shared).ToString().ToLowerInvariant();
        await RunIfAsync(
            run,
            unreached,
            CheckNames.Permissions,
            (findings, stop) =>
                new PermissionsCheck(around.OpenScratch(settings, runId), around.Time).RunAsync(findings, stop)
        );
        var configuration = new ConfigurationCheck(settings, around.Time);
        var isInStore = settings.Config is { } name && BlobConfig.IsName(name);
        await RunIfAsync(
            run,
            !found.HasConfig ? "the setting that names it cannot be used"
                : isInStore ? unreached
                : null,
            CheckNames.Configuration,
            configuration.RunAsync
        );
        var config = configuration.Config;
        await RunIfAsync(
            run,
            config is null ? NoConfiguration : null,
            CheckNames.Access,
            Plain(findings => new AccessCheck(settings, config!, around.Time).Run(findings))
        );
        await RunOnStoreAsync(run, unreached, settings, config, found, around);
        await RunAsync(
            run,
            CheckNames.Machine,
            Plain(findings => new MachineCheck(settings, config, around).Run(findings))
        );
        var unasked =
            config is null ? NoConfiguration
            : settings.Config is null ? "nothing is configured"
            : null;
        await RunIfAsync(
            run,
            unasked,
            CheckNames.Sources,
            (findings, stop) => new SourcesCheck(config!, around.Time).RunAsync(findings, stop),
            request.Timeout / 2
        );
        await RunIfAsync(
            run,
            unasked,
            CheckNames.Destinations,
            (findings, stop) => new DestinationsCheck(config!, around.Time).RunAsync(findings, stop)
        );
    }

    /// <summary>The checks that read what is in the store.</summary>
    private async Task RunOnStoreAsync(
        CheckRun run,
        string? unreached,
        Settings settings,
        CollectorConfig? config,
        SettingsCheck found,
        Surroundings around
    )
    {
        await RunIfAsync(
            run,
            unreached,
            CheckNames.Data,
            (findings, stop) =>
                new DataCheck(
                    StorageAccess.OpenBlobs(settings, around.Time),
                    StorageAccess.OpenTables(settings, around.Time),
                    around.Time
                ).RunAsync(findings, stop)
        );
        await RunIfAsync(
            run,
            unreached,
            CheckNames.Timers,
            (findings, stop) =>
                new TimersCheck(
                    StorageAccess.OpenBlobs(settings, around.Time),
                    StorageAccess.OpenTables(settings, around.Time),
                    config,
                    around.Time
                )
                {
                    IsApp = found.IsApp,
                    IsAccount = settings.ParseStorage() is not LocalFolder,
                    IsHostAccount = found.IsHostAccount,
                    ScheduleOf = schedule => around.Variable(schedule.Setting),
                    IsOff = schedule =>
                        around.Variable(schedule.Setting) is null
                            ? null
                            : SharedJobSetting.IsOff(schedule.Function, around.Variable),
                }.RunAsync(findings, stop)
        );
    }

    private async Task<Surroundings> WithAppSettingsAsync()
    {
        if (request.AppSettings is not { } file)
        {
            return surroundings;
        }
        var all = new Dictionary<string, string>(surroundings.Environment, StringComparer.Ordinal);
        foreach (var (name, value) in await AppSettingsFile.ReadAsync(file, Input))
        {
            all[name] = value;
            // As the host does it: the configuration may name it as ${env:NAME}.
            surroundings.SetVariable(name, value);
        }
        return surroundings with { Environment = all };
    }

    private static Func<FindingList, CancellationToken, Task> Plain(Action<FindingList> check) =>
        (findings, _) =>
        {
            check(findings);
            return Task.CompletedTask;
        };

    private async Task RunIfAsync(
        CheckRun run,
        string? reason,
        string name,
        Func<FindingList, CancellationToken, Task> check,
        TimeSpan? limit = null
    )
    {
        if (reason is null)
        {
            await RunAsync(run, name, check, limit);
            return;
        }
        run.Skip(name, reason);
        await ShowAsync(run);
    }

    private async Task RunAsync(
        CheckRun run,
        string name,
        Func<FindingList, CancellationToken, Task> check,
        TimeSpan? limit = null
    )
    {
        await run.RunAsync(name, check, limit);
        await ShowAsync(run);
    }

    /// <summary>Prints a check as soon as it is over.</summary>
    private async Task ShowAsync(CheckRun run)
    {
        if (request.IsJson)
        {
            return;
        }
        foreach (var line in DoctorText.Lines(run.Reports[^1]))
        {
            await output.WriteLineAsync(line);
        }
    }
}
