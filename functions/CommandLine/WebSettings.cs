using Microsoft.AspNetCore.Http;
using Tributary.Patterns;

namespace Tributary.Functions.CommandLine;

/// <summary>How others reach our HTTP server.</summary>
internal sealed record WebSettings
{
    public const string ExternalUrlVariable = "TRIBUTARY_WEB_EXTERNAL_URL";
    public const string RoutePrefixVariable = "TRIBUTARY_WEB_ROUTE_PREFIX";
    public const string CorsOriginVariable = "TRIBUTARY_WEB_CORS_ORIGIN";

    public const string EnableAdminApiVariable = "TRIBUTARY_WEB_ENABLE_ADMIN_API";

    public const string EnableRemoteWriteReceiverVariable = "TRIBUTARY_WEB_ENABLE_REMOTE_WRITE_RECEIVER";

    private const string EveryOrigin = ".*";
    private const int MaxPathChars = 1024;

    /// <summary>The URL under which others reach us; null is our host name and port.</summary>
    public Uri? ExternalUrl { get; init; }

    /// <summary>The path before all of our routes: empty, or <c>/a/b</c>.</summary>
    public string RoutePrefix { get; init; } = "";

    /// <summary>The origins whose scripts may use the API; null is all.</summary>
    public RePattern? CorsOrigin { get; init; }

    /// <summary>Whether <c>/api/v1/admin</c> is served, whatever the configuration says.</summary>
    public bool EnableAdminApi { get; init; }

    /// <summary>Whether <c>/api/v1/write</c> is served, whatever the configuration says.</summary>
    public bool EnableRemoteWriteReceiver { get; init; }

    /// <summary>The path that our pages have in a browser, with a slash at its end; null is where they were asked for.</summary>
    public string? BasePath =>
        ExternalUrl is { } url ? url.AbsolutePath.TrimEnd('/') + "/"
        : RoutePrefix.Length > 0 ? new PathString(RoutePrefix).ToUriComponent() + "/"
        : null;

    /// <summary>The settings of this process.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="environment">Looks up an environment variable.</param>
    /// <exception cref="CommandException">A setting is not usable; the message says what to do.</exception>
    public static WebSettings Resolve(CommandOptions options, Func<string, string?> environment)
    {
        var external = options.ExternalUrl ?? environment(ExternalUrlVariable);
        var prefix = options.RoutePrefix ?? environment(RoutePrefixVariable);
        var origin = options.CorsOrigin ?? environment(CorsOriginVariable);
        var url = string.IsNullOrWhiteSpace(external) ? null : ParseExternalUrl(external);
        return new WebSettings
        {
            ExternalUrl = url,
            RoutePrefix = ParsePrefix(
                string.IsNullOrWhiteSpace(prefix) ? Uri.UnescapeDataString(url?.AbsolutePath ?? "") : prefix
            ),
            CorsOrigin = string.IsNullOrWhiteSpace(origin) || origin == EveryOrigin ? null : ParseOrigin(origin),
            EnableAdminApi =
                options.EnableAdminApi
                || ParseFlag(environment, CommandOptions.EnableAdminApiName, EnableAdminApiVariable),
            EnableRemoteWriteReceiver =
                options.EnableRemoteWriteReceiver
                || ParseFlag(
                    environment,
                    CommandOptions.EnableRemoteWriteReceiverName,
                    EnableRemoteWriteReceiverVariable
                ),
        };
    }

    private static bool ParseFlag(Func<string, string?> environment, string option, string variable) =>
        environment(variable) is { } text
        && !string.IsNullOrWhiteSpace(text)
        && (
            bool.TryParse(text.Trim(), out var flag)
                ? flag
                : throw Invalid(option, variable, "the variable has to be true or false; the option takes no value")
        );

    private static Uri ParseExternalUrl(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            throw Invalid(
                CommandOptions.ExternalUrlName,
                ExternalUrlVariable,
                "it has to be a whole URL without quotes, such as https://example.org/tributary"
            );
        }
        if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            throw Invalid(
                CommandOptions.ExternalUrlName,
                ExternalUrlVariable,
                "it takes no user, password, query or fragment: everybody who may ask can read it"
            );
        }
        return url;
    }

    private static string ParsePrefix(string text)
    {
        var path = text.Trim('/');
        if (path.Length > MaxPathChars || path.Any(c => c is '?' or '#' or '%' or '\\' or '"' or <= ' '))
        {
            throw Invalid(
                CommandOptions.RoutePrefixName,
                RoutePrefixVariable,
                "it has to be a plain path, such as /tributary, without spaces, escapes or query"
            );
        }
        return path.Length == 0 ? "" : "/" + path;
    }

    private static RePattern ParseOrigin(string text)
    {
        try
        {
            return RePattern.Parse(text);
        }
        catch (PatternException exception)
        {
            throw Invalid(
                CommandOptions.CorsOriginName,
                CorsOriginVariable,
                $"it is not a regular expression (RE2): {exception.Message}"
            );
        }
    }

    /// <summary>Without the value, which may hold a password.</summary>
    private static CommandException Invalid(string option, string variable, string problem) =>
        CommandException.Usage($"{option} (or {variable}): {problem}.");
}
