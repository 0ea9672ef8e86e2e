using Microsoft.Extensions.Logging;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Security;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary>Reads the configuration at the start, when it changes, and when somebody asks; a bad one never replaces a good one.</summary>
internal sealed partial class ConfigReload(
    Settings settings,
    CollectorServer collector,
    TimeProvider time,
    ILogger logger
) : IDisposable
{
    private static readonly TimeSpan LookAtFileEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookAtBlobEvery = TimeSpan.FromSeconds(15);

    private const string NotThereAtStart =
        $"{Settings.DefaultConfigFile} was not there when the server started: start it again to use the file";

    private readonly SemaphoreSlim turn = new(1);
    private string lastSeen = "";
    private string? lastState;
    private IReadOnlyList<string> lastPatterns = [];
    private Uri? address;

    /// <summary>The first configuration; null for the built-in one.</summary>
    /// <exception cref="CommandException">It cannot be read, or is not valid.</exception>
    public async Task<CollectorConfig?> LoadFirstAsync(CancellationToken cancellationToken)
    {
        if (settings.Config is not { } name)
        {
            return null;
        }
        try
        {
            var text = await ConfigSource.ReadTextAsync(name, () => collector.Blobs, cancellationToken);
            lastSeen = text.Fingerprint();
            return Read(text);
        }
        catch (ConfigException exception)
        {
            throw new CommandException(Describe(exception), ExitCode.Failed, exception);
        }
        catch (StoreException exception)
        {
            throw StorageAccess.Explain(exception);
        }
    }

    /// <summary>Says where the server answers, for one whose first configuration is taken by a look.</summary>
    public void ServeAt(Uri servedAt) => address = servedAt;

    /// <summary>Takes a configuration that has been read.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="servedAt">Where the server answers.</param>
    /// <exception cref="CommandException">It does not fit this server; nothing has changed.</exception>
    public void Apply(CollectorConfig config, Uri servedAt)
    {
        address = servedAt;
        if (settings.Host is not null && config.Web.TlsCertificateFile is not null)
        {
            // The host asks without TLS, and serves it to others itself.
            Log.NoTls(logger);
            config = config with { Web = config.Web with { TlsCertificateFile = null, TlsKeyFile = null } };
        }
        WebConfigCheck.Check(config.Web);
        if (config.Web.TlsCertificateFile is not null != (servedAt.Scheme == Uri.UriSchemeHttps))
        {
            throw new CommandException(
                "tributary.web: TLS is switched on or off by a restart only; write tls_server_config as it is, without "
                    + "quotes and escapes."
            );
        }
        collector.Configure(config);
        foreach (var warning in config.Warnings)
        {
            Log.Warned(logger, warning);
        }
        if (settings.Host is { IsLocal: false } && !config.Web.HasCredentials)
        {
            Log.Closed(logger);
        }
        else if (!settings.Listen.IsLoopback && !config.Web.HasCredentials)
        {
            Log.Open(logger, settings.Listen);
        }
    }

    /// <summary>Reads the configuration again, whether it has changed or not.</summary>
    /// <returns>Null, or why the one before stays.</returns>
    public Task<string?> ReloadAsync(CancellationToken cancellationToken) =>
        LookAsync(isAsked: true, cancellationToken);

    /// <summary>Takes the configuration if it has changed since the last look, or was never taken.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public Task<string?> LookAsync(CancellationToken cancellationToken) => LookAsync(isAsked: false, cancellationToken);

    /// <summary>Looks for changes until the token is cancelled.</summary>
    public Task WatchAsync(JobRunner runner, CancellationToken stop) =>
        settings.Config is { } name
            ? runner.RepeatAsync(
                BlobConfig.IsName(name) ? LookAtBlobEvery : LookAtFileEvery,
                time,
                token => LookAsync(isAsked: false, token),
                "looking at the configuration",
                stop
            )
            : Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private async Task<string?> LookAsync(bool isAsked, CancellationToken cancellationToken)
    {
        if (settings is { Config: null, Host: null } && isAsked && File.Exists(Settings.DefaultConfigFile))
        {
            return Refuse(NotThereAtStart, isAsked);
        }
        if (address is null)
        {
            return settings.Config is null ? null : "the server is still starting";
        }
        await turn.WaitAsync(cancellationToken);
        var before = lastSeen;
        try
        {
            if (settings.Config is not { } name)
            {
                TakeBuiltIn(address);
                return null;
            }
            await TakeChangedAsync(name, address, before, isAsked, cancellationToken);
            return null;
        }
        catch (ConfigException exception)
        {
            return Refuse(Describe(exception), isAsked);
        }
        catch (CommandException exception)
        {
            // What is missing may come without a change of the text.
            (lastSeen, lastState) = ("", null);
            return Refuse(exception.Message, isAsked);
        }
        catch (StoreException exception) when (isAsked)
        {
            (lastSeen, lastState) = ("", null);
            return Refuse(exception.Message, isAsked);
        }
        catch (Exception exception) when (exception is StoreException or OperationCanceledException)
        {
            // Nothing was refused: whoever asked for the look is told.
            lastSeen = before;
            throw;
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task TakeChangedAsync(
        string name,
        Uri servedAt,
        string before,
        bool isAsked,
        CancellationToken cancellationToken
    )
    {
        // Before the reading: what changes meanwhile is another state at the next look.
        var state = await new BlobConfig(collector.Blobs).StateAsync(name, lastPatterns, cancellationToken);
        if (!isAsked && state is not null && string.Equals(state, lastState, StringComparison.Ordinal))
        {
            return;
        }
        // What is refused before it could be read whole is looked at again, also when it is then as it was before.
        lastSeen = "";
        var text = await ConfigSource.ReadTextAsync(name, () => collector.Blobs, cancellationToken);
        var patterns = text.MayNameFiles ? ConfigReader.FilePatterns(text.Text, name) : [];
        // Of a text that names other files than the one before, the state is not known yet.
        lastState = patterns.SequenceEqual(lastPatterns, StringComparer.Ordinal) ? state : null;
        lastPatterns = patterns;
        var seen = text.Fingerprint();
        if (!isAsked && string.Equals(seen, before, StringComparison.Ordinal))
        {
            lastSeen = seen;
            return;
        }
        var config = ReadOnce(text, seen);
        var isFirst = !collector.IsConfigured;
        Apply(config, servedAt);
        lastSeen = seen;
        Log.Reloaded(logger, settings.ConfigText, isFirst ? "" : " again");
    }

    private CollectorConfig Read(ConfigText text) =>
        (text with { Files = text.Files with { Syntax = settings.Query.Engine.Syntax } }).Read();

    /// <summary>Reads a text that has not to be read again until it changes, whether it is valid or not.</summary>
    private CollectorConfig ReadOnce(ConfigText text, string seen)
    {
        try
        {
            return Read(text);
        }
        catch (ConfigException)
        {
            lastSeen = seen;
            throw;
        }
    }

    /// <summary>Without a configuration the server watches itself; there is nothing to read again.</summary>
    private void TakeBuiltIn(Uri servedAt)
    {
        if (!collector.IsConfigured)
        {
            Apply(ServeCommand.BuiltInFor(servedAt, settings.Web), servedAt);
        }
    }

    /// <summary>The error is said once, not at every look.</summary>
    private string Refuse(string error, bool isAsked)
    {
        if (isAsked || !collector.IsRefused(error))
        {
            Log.Refused(logger, settings.ConfigText, error);
        }
        collector.Refuse(error);
        return error;
    }

    private static string Describe(ConfigException exception) =>
        $"the configuration has {(exception.Errors.Count == 1 ? "1 error" : $"{exception.Errors.Count} errors")}:\n{exception.Message}";

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Warning}")]
        public static partial void Warned(ILogger logger, ConfigError warning);

        [LoggerMessage(
            LogLevel.Warning,
            "everybody who reaches {Listen} may read all data: add users or bearer_tokens to tributary.web"
        )]
        public static partial void Open(ILogger logger, ListenAddress listen);

        [LoggerMessage(
            LogLevel.Warning,
            "nobody may read any data: add users or bearer_tokens to tributary.web, in Azure they are needed"
        )]
        public static partial void Closed(ILogger logger);

        [LoggerMessage(
            LogLevel.Warning,
            "tributary.web: tls_server_config is not used under the Functions host, which serves TLS itself"
        )]
        public static partial void NoTls(ILogger logger);

        [LoggerMessage(LogLevel.Information, "the configuration {Configuration} was read{Again}")]
        public static partial void Reloaded(ILogger logger, string configuration, string again);

        [LoggerMessage(LogLevel.Error, "{Configuration} is not taken, the one before stays in use: {Error}")]
        public static partial void Refused(ILogger logger, string configuration, string error);
    }
}
