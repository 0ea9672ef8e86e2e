using System.Globalization;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Serving;
using Tributary.Stores;

namespace Tributary.Functions.Diagnosis;

/// <summary>The configuration, read as a server reads it.</summary>
/// <param name="settings">Where it is.</param>
/// <param name="time">The clock.</param>
internal sealed class ConfigurationCheck(Settings settings, TimeProvider time)
{
    /// <summary>So many mistakes are listed.</summary>
    private const int MaxListed = 20;

    /// <summary>The configuration; null when it cannot be used.</summary>
    public CollectorConfig? Config { get; private set; }

    /// <summary>Reads it.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task RunAsync(FindingList findings, CancellationToken stop)
    {
        if (settings.Config is not { } name)
        {
            Config = new CollectorConfig();
            findings.Skip(
                $"there is none: {Settings.DefaultConfigFile} does not exist, and neither {CommandOptions.ConfigName} nor "
                    + $"{Settings.ConfigVariable} names one; a server watches only itself then"
            );
            return;
        }
        try
        {
            var text = await ConfigSource.ReadTextAsync(name, () => StorageAccess.OpenBlobs(settings, time), stop);
            var files = text.Files with { Syntax = settings.Query.Engine.Syntax };
            Config = (text with { Files = files }).Read();
            AddAll(findings, Config.Warnings, findings.Warn, "warnings");
            findings.Ok(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} is valid: {Config.ScrapeConfigs.Count} jobs, {Config.RuleGroups.Count} rule groups, {Config.RemoteWrites.Count} remote_write, {Config.Exports.Count} exports"
                )
            );
        }
        catch (ConfigException exception)
        {
            AddAll(findings, exception.Errors, findings.Fail, "errors");
        }
        catch (CommandException exception)
        {
            findings.Fail(exception.Message, UploadOf(name));
        }
    }

    private static void AddAll(
        FindingList findings,
        IReadOnlyList<ConfigError> all,
        Action<string, string> add,
        string what
    )
    {
        foreach (var one in all.Take(MaxListed))
        {
            add(one.ToString(), one.Explanation is null ? "" : "tributary check config explains it.");
        }
        if (all.Count > MaxListed)
        {
            findings.Skip($"{all.Count - MaxListed} more {what}: tributary check config has all");
        }
    }

    private string UploadOf(string name)
    {
        if (!BlobConfig.IsName(name) || name.Split(':', 2)[1].Split('/', 2) is not [var container, var blob])
        {
            return "";
        }
        var account =
            settings.ParseStorage() is AccountUrl { Url: var url } && Uri.TryCreate(url, UriKind.Absolute, out var uri)
                ? uri.Host.Split('.')[0]
                : "ACCOUNT";
        return $"az storage blob upload --account-name {account} --container-name {container} --name {blob} --file tributary.yml --auth-mode login";
    }
}
