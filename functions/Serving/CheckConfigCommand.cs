using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Security;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary><c>tributary check config</c>: reads configurations as <c>serve</c> does, and says what is wrong.</summary>
internal static class CheckConfigCommand
{
    /// <summary>Checks files, and prints a verdict for each.</summary>
    /// <param name="settings">The settings, for the default file and for the storage of <c>blob:</c> names.</param>
    /// <param name="request">The files, and how they are checked.</param>
    /// <param name="output">Gets a verdict per file.</param>
    /// <param name="error">Gets errors and warnings, each with its explanation.</param>
    /// <returns>0, 1 when a file has errors, or 3 when there are only warnings.</returns>
    /// <exception cref="CommandException">There is nothing to check.</exception>
    public static async Task<int> RunAsync(
        Func<Settings> settings,
        CheckRequest request,
        TextWriter output,
        TextWriter error
    )
    {
        var names = request.Files.Count > 0 ? request.Files : [DefaultFile(settings())];
        var (failed, warned) = (false, false);
        foreach (var name in names)
        {
            try
            {
                var config = await LoadAsync(name, settings, request.IsAgent);
                if (FindUnusable(config.Web, request.IsFunctionApp) is { } unusable)
                {
                    failed = true;
                    await error.WriteLineAsync($"{name}: {unusable}");
                    await output.WriteLineAsync($"{name}: not valid, 1 error");
                    continue;
                }
                var warnings = config.Warnings;
                if (request.IsLive)
                {
                    warnings = await LiveCheck.RunAsync(name, config, output);
                }
                await PrintAsync(error, [], warnings);
                warned |= warnings.Count > 0;
                await output.WriteLineAsync($"{name}: valid{Count(warnings.Count, "warning", ", ")}");
            }
            catch (ConfigException exception)
            {
                failed = true;
                await PrintAsync(error, exception.Errors, exception.Warnings);
                await output.WriteLineAsync(
                    $"{name}: not valid, {Count(exception.Errors.Count, "error", "")}"
                        + Count(exception.Warnings.Count, "warning", ", ")
                );
            }
            catch (CommandException exception) when (names.Count > 1)
            {
                failed = true;
                await error.WriteLineAsync(CredentialText.Hide(exception.Message));
                await output.WriteLineAsync($"{CredentialText.Hide(name)}: not checked");
            }
        }
        return failed ? ExitCode.Failed
            : warned ? ExitCode.Warnings
            : ExitCode.Done;
    }

    /// <summary>Prints errors, and behind them warnings.</summary>
    private static async Task PrintAsync(
        TextWriter output,
        IReadOnlyList<ConfigError> errors,
        IReadOnlyList<ConfigError> warnings
    )
    {
        var text = new FindingText();
        foreach (var finding in errors)
        {
            await output.WriteAsync(text.Of(finding, ""));
        }
        foreach (var finding in warnings)
        {
            await output.WriteAsync(text.Of(finding, "warning: "));
        }
    }

    /// <summary>Why <c>serve</c> would not start with the files of hashes, tokens and certificates; null when it would.</summary>
    private static string? FindUnusable(WebConfig web, bool isFunctionApp)
    {
        if (isFunctionApp && !web.HasCredentials)
        {
            return "tributary.web: there are neither users nor bearer_tokens, and a function app answers nobody without. "
                + $"Put a user there, with the hash of a password: tributary {CommandVerbs.HashPasswordName} makes it.";
        }
        try
        {
            WebConfigCheck.Check(web);
            return null;
        }
        catch (CommandException exception)
        {
            return exception.Message;
        }
    }

    private static string DefaultFile(Settings settings) =>
        settings.Config
        ?? throw CommandException.Usage(
            $"there is nothing to check: {Settings.DefaultConfigFile} does not exist. Name a file: "
                + "tributary check config FILE."
        );

    private static async Task<CollectorConfig> LoadAsync(string name, Func<Settings> settings, bool isAgent)
    {
        try
        {
            var text = await ConfigSource.ReadTextAsync(
                name,
                () => StorageAccess.OpenBlobs(settings(), TimeProvider.System),
                CancellationToken.None
            );
            var files = text.Files with { Syntax = settings().Query.Engine.Syntax };
            return (text with { Files = files }).Read(isAgent);
        }
        catch (StoreException exception)
        {
            throw StorageAccess.Explain(exception);
        }
    }

    private static string Count(int count, string what, string before) =>
        count switch
        {
            0 => "",
            1 => $"{before}1 {what}",
            _ => $"{before}{count} {what}s",
        };
}
