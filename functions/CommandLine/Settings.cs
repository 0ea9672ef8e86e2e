using Tributary.Identities;
using Tributary.Stores;

namespace Tributary.Functions.CommandLine;

/// <summary>Where things are: what the options, then the environment, then the defaults say.</summary>
internal sealed record Settings
{
    public const string ConfigVariable = "TRIBUTARY_CONFIG";
    public const string StorageVariable = "TRIBUTARY_STORAGE";
    public const string ListenVariable = "TRIBUTARY_LISTEN";
    public const string DefaultConfigFile = "./tributary.yml";
    public const string DefaultStorage = "local:./data";
    private const string LocalPrefix = "local:";
    private const string BlobPrefix = "blob:";

    /// <summary>The configuration file, or <c>blob:NAME</c>; null is the built-in configuration.</summary>
    public required string? Config { get; init; }

    /// <summary><c>local:FOLDER</c>, a connection string or an account URL. May hold a key: never shown.</summary>
    public required string Storage { get; init; }

    /// <summary>The storage account's table endpoint, where the host's settings name it.</summary>
    public string? TableUrl { get; init; }

    /// <summary>Who uses the storage account, where it is not by a key.</summary>
    public AzureIdentity Identity { get; init; } = AzureIdentity.OfProcess;

    /// <summary>The Functions host that has started this process; null when none has.</summary>
    public FunctionsHost? Host { get; init; }

    /// <summary>The jobs that share the invocations of Collect.</summary>
    public IReadOnlyList<SharedJobSetting> SharedJobs { get; init; } = [];

    /// <summary>Where the server listens.</summary>
    public required ListenAddress Listen { get; init; }

    /// <summary>How others reach the server.</summary>
    public WebSettings Web { get; init; } = new();

    /// <summary>What queries may use.</summary>
    public QuerySettings Query { get; init; } = new();

    /// <summary>The configuration as people may see it.</summary>
    public string ConfigText => Config ?? "built-in";

    /// <summary>The storage as people may see it, without keys.</summary>
    public string StorageText =>
        Storage.StartsWith(LocalPrefix, StringComparison.Ordinal) ? Storage
        : Uri.TryCreate(Storage, UriKind.Absolute, out var url) ? $"{url.Scheme}://{url.Authority}{url.AbsolutePath}"
        : DescribeConnectionString(Storage);

    /// <summary>The settings of this process.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="environment">Looks up an environment variable.</param>
    /// <param name="fileExists">Whether a file is there.</param>
    /// <param name="folderExists">Whether a folder is there.</param>
    /// <exception cref="CommandException">A setting is not usable; the message says what to do.</exception>
    public static Settings Resolve(
        CommandOptions options,
        Func<string, string?> environment,
        Func<string, bool> fileExists,
        Func<string, bool>? folderExists = null
    )
    {
        environment = Resolved(environment);
        CheckIdentity(environment(IdentityChoice.Variable));
        var config = options.Config ?? NullIfEmpty(environment(ConfigVariable));
        var host = FunctionsHost.Resolve(environment);
        var explicitStorage = options.Storage ?? NullIfEmpty(environment(StorageVariable));
        var hostStorage = host is null || explicitStorage is not null ? null : HostStorage.Resolve(environment);
        var storage = explicitStorage ?? hostStorage?.Storage ?? DefaultStorage;
        if (config is not null && !config.StartsWith(BlobPrefix, StringComparison.Ordinal) && !fileExists(config))
        {
            if (folderExists?.Invoke(config) == true)
            {
                throw CommandException.Usage(
                    $"the configuration '{config}' is a folder. Check {CommandOptions.ConfigName} (or the environment "
                        + $"variable {ConfigVariable}); it must name a file, such as {config.TrimEnd('/')}/tributary.yml."
                );
            }
            throw CommandException.Usage(
                $"the configuration file '{config}' does not exist. Check {CommandOptions.ConfigName} (or the "
                    + $"environment variable {ConfigVariable}); without it, {DefaultConfigFile} is used if it is there."
            );
        }
        CheckStorage(
            storage,
            hostStorage is null ? $"{CommandOptions.StorageName} (or {StorageVariable})" : HostStorage.Variable
        );
        if (host is not null && storage.StartsWith(LocalPrefix, StringComparison.Ordinal))
        {
            throw CommandException.Usage(
                $"under the Functions host {StorageVariable} cannot be a folder: the disk of an instance does not last. "
                    + $"Name a storage account, or leave it out: then {HostStorage.Variable} is used."
            );
        }
        return new Settings
        {
            Config = config ?? (fileExists(DefaultConfigFile) ? DefaultConfigFile : null),
            Storage = storage,
            TableUrl = hostStorage?.TableUrl,
            Identity = hostStorage?.Identity ?? AzureIdentity.OfProcess,
            Host = host,
            SharedJobs = host is null ? [] : SharedJobSetting.Resolve(environment),
            Listen =
                host?.Listen
                ?? ListenAddress.Parse(
                    options.Listen ?? NullIfEmpty(environment(ListenVariable)) ?? ListenAddress.Default
                ),
            Web = WebSettings.Resolve(options, environment),
            Query = QuerySettings.Resolve(options, environment),
        };
    }

    /// <summary>The storage, read; it is checked when an account is made of it.</summary>
    /// <exception cref="StoreException">Unusable.</exception>
    public StorageSetting ParseStorage() =>
        StorageSetting.Parse(Storage) is var setting && setting is AccountUrl url
            ? url with
            {
                TableUrl = TableUrl,
                Identity = Identity,
            }
            : setting;

    /// <summary>The environment, without references to secrets that stand where secrets should.</summary>
    private static Func<string, string?> Resolved(Func<string, string?> environment) =>
        name =>
            environment(name) is var value && KeyVaultReference.IsUnresolved(value)
                ? throw CommandException.Usage($"{KeyVaultReference.Problem(name)}.")
                : value;

    private static void CheckIdentity(string? setting)
    {
        try
        {
            IdentityChoice.Parse(setting);
        }
        catch (IdentityException exception)
        {
            throw CommandException.Usage(exception.Message);
        }
    }

    private static void CheckStorage(string storage, string source)
    {
        var isKnown =
            (storage.StartsWith(LocalPrefix, StringComparison.Ordinal) && storage.Length > LocalPrefix.Length)
            || storage.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            || storage.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || ConnectionStringValue(storage, "UseDevelopmentStorage") is not null
            || ConnectionStringValue(storage, "AccountName") is not null
            || ConnectionStringValue(storage, "BlobEndpoint") is not null;
        if (!isKnown)
        {
            throw CommandException.Usage(
                $"{source} is none of: local:FOLDER, an Azure Storage "
                    + "connection string (AccountName=…;AccountKey=… or UseDevelopmentStorage=true), or an account URL "
                    + "such as https://NAME.blob.core.windows.net."
            );
        }
    }

    private static string DescribeConnectionString(string text) =>
        ConnectionStringValue(text, "AccountName") is { } account ? $"storage account {account}"
        : ConnectionStringValue(text, "UseDevelopmentStorage") is not null ? "UseDevelopmentStorage=true"
        : "storage by connection string";

    private static string? ConnectionStringValue(string text, string key)
    {
        foreach (var part in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.StartsWith(key + "=", StringComparison.OrdinalIgnoreCase))
            {
                return part[(key.Length + 1)..];
            }
        }
        return null;
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
