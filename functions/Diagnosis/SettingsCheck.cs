using System.Globalization;
using Tributary.Configuration;
using Tributary.Functions.CommandLine;

namespace Tributary.Functions.Diagnosis;

/// <summary>The settings: whether they say where everything is, are resolved, and have schedules that the host takes.</summary>
/// <param name="options">The command line.</param>
/// <param name="surroundings">The environment.</param>
/// <param name="areListed">Whether the environment is a list of app settings, whose references the app resolves later.</param>
internal sealed class SettingsCheck(CommandOptions options, Surroundings surroundings, bool areListed)
{
    private const string Reference = "@Microsoft.KeyVault(";

    /// <summary>Only those of Azure, which say what this process is part of.</summary>
    private static readonly string[] AzureVariables = ["WEBSITE_SITE_NAME", "WEBSITE_INSTANCE_ID"];

    /// <summary>The settings; null when they cannot be used at all.</summary>
    public Settings? Settings { get; private set; }

    /// <summary>Whether the setting that names the configuration can be used.</summary>
    public bool HasConfig { get; private set; } = true;

    /// <summary>Whether this is, or stands for, a function app.</summary>
    public bool IsApp { get; } =
        areListed
        || surroundings.Variable(FunctionsHost.PortVariable) is { Length: > 0 }
        || Array.Exists(AzureVariables, name => surroundings.Variable(name) is { Length: > 0 });

    /// <summary>Whether the storage is the host's own account, where it notes its timers.</summary>
    public bool IsHostAccount =>
        StorageName.StartsWith(HostStorage.Variable, StringComparison.Ordinal)
        || (
            surroundings.Variable(HostStorage.AccountVariable) is { Length: > 0 } account
            && Settings is { } settings
            && settings.Storage.Contains($"//{account}.", StringComparison.Ordinal)
        );

    /// <summary>Which setting says where the storage is.</summary>
    public string StorageName =>
        options.Storage is not null ? CommandOptions.StorageName
        : !string.IsNullOrWhiteSpace(surroundings.Variable(Settings.StorageVariable)) ? Settings.StorageVariable
        : !IsApp ? $"{CommandOptions.StorageName} (or {Settings.StorageVariable})"
        : surroundings.Variable(HostStorage.Variable) is { Length: > 0 } ? HostStorage.Variable
        : surroundings.Variable(HostStorage.AccountVariable) is { Length: > 0 } ? HostStorage.AccountVariable
        : HostStorage.BlobVariable;

    /// <summary>Looks at them.</summary>
    public void Run(FindingList findings)
    {
        foreach (var (name, value) in surroundings.Environment.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            if (value.AsSpan().TrimStart().StartsWith(Reference, StringComparison.OrdinalIgnoreCase))
            {
                AddReference(findings, name);
            }
        }
        if (IsApp)
        {
            foreach (var schedule in TimerSchedule.All)
            {
                CheckSchedule(findings, schedule);
            }
        }
        Settings = TryResolve(options, Variable, File.Exists, findings);
        if (Settings is null)
        {
            HasConfig = false;
            // When it is only the configuration that is missing, everything else can still be looked at.
            Settings = TryResolve(
                options with
                {
                    Config = null,
                },
                name => name == Settings.ConfigVariable ? null : Variable(name),
                _ => false,
                null
            );
        }
        if (Settings is { } settings && HasConfig)
        {
            var way = settings.Host is null ? "a server of its own" : "a function app";
            findings.Ok($"{way}; storage {settings.StorageText}; configuration {settings.ConfigText}");
        }
    }

    /// <summary>The environment; of an app that is looked at from beside the host, as the host would start it.</summary>
    private string? Variable(string name) =>
        surroundings.Variable(name) is { Length: > 0 } value ? value
        : name == FunctionsHost.PortVariable && IsApp ? "0"
        : null;

    private void AddReference(FindingList findings, string name)
    {
        if (areListed)
        {
            findings.Skip(
                $"{name} is a Key Vault reference; whether it resolves cannot be seen from here: the function app's page "
                    + "'Environment variables' shows it, and so does `az rest --method get --url "
                    + "https://management.azure.com/APP_RESOURCE_ID/config/configreferences/appsettings?api-version=2022-03-01`"
            );
            return;
        }
        findings.Fail(
            $"the app setting {name} is a Key Vault reference that was not resolved: its value is still {Reference}…)",
            "Give the app's identity the role 'Key Vault Secrets User' on the vault, see that keyVaultReferenceIdentity of the "
                + "app is that identity when it is a user-assigned one, that the secret exists and the vault's firewall lets the "
                + "app in; then restart the app."
        );
    }

    private void CheckSchedule(FindingList findings, TimerSchedule schedule)
    {
        var text = surroundings.Variable(schedule.Setting);
        var command = string.Create(
            CultureInfo.InvariantCulture,
            $"az functionapp config appsettings set --name APP --resource-group GROUP --settings '{schedule.Setting}={schedule.Usual}'"
        );
        if (string.IsNullOrWhiteSpace(text))
        {
            findings.Fail(
                $"{schedule.Setting} is not set: the host cannot start the function {schedule.Function}",
                $"Set it, also when {schedule.Function} has nothing to do: {command}"
            );
            return;
        }
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out _))
        {
            findings.Warn(
                $"{schedule.Setting} is a duration, '{text}': only App Service plans and the local tools take one, not Flex Consumption",
                $"Write six fields: {command}"
            );
            return;
        }
        try
        {
            CrontabSchedule.Parse(text);
            findings.Ok($"{schedule.Setting} is '{text}'");
        }
        catch (FormatException exception)
        {
            findings.Fail(
                $"{schedule.Setting} is no schedule, '{text}': {exception.Message}",
                $"For example: {command}"
            );
        }
    }

    private static Settings? TryResolve(
        CommandOptions options,
        Func<string, string?> environment,
        Func<string, bool> fileExists,
        FindingList? findings
    )
    {
        try
        {
            return Settings.Resolve(options, environment, fileExists, Directory.Exists);
        }
        catch (CommandException exception)
        {
            findings?.Fail(exception.Message, "");
            return null;
        }
    }
}
