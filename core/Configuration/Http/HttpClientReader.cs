using Tributary.Configuration.Advice;
using Tributary.Configuration.Yaml;

namespace Tributary.Configuration.Http;

/// <summary>Reads the fields that say how another server is asked, which stand among the fields of a job, a discovery, ….</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/configuration/#http_config</remarks>
internal static class HttpClientReader
{
    /// <summary>The names of the fields, with spaces between, for the table of the section that has them.</summary>
    public const string Fields =
        "authorization basic_auth bearer_token bearer_token_file enable_http2 follow_redirects http_headers oauth2 "
        + "tls_config "
        + ProxyReader.Fields;

    private static readonly FieldTable BasicAuthFields = FieldTable.Of(
        "password password_file password_ref username username_file username_ref",
        ""
    ) with
    {
        HoldsSecrets = true,
    };

    private static readonly FieldTable AuthorizationFields = FieldTable.Of(
        "credentials credentials_file credentials_ref type",
        ""
    ) with
    {
        HoldsSecrets = true,
    };

    /// <summary>What these fields of a section say; what is wrong with them is among the errors.</summary>
    /// <param name="section">The section that has them, and perhaps others.</param>
    /// <param name="defaults">What holds for fields that are absent.</param>
    public static HttpClientConfig Read(Section section, HttpClientConfig? defaults = null)
    {
        defaults ??= HttpClientConfig.Default;
        CheckOneWay(section);
        var basic = ReadBasicAuth(section);
        var authorization = ReadAuthorization(section) ?? ReadBearerToken(section);
        var oauth2 = OAuth2Reader.Read(section);
        var isSaid = basic is not null || authorization is not null || oauth2 is not null;
        return new HttpClientConfig
        {
            BasicAuth = isSaid ? basic : defaults.BasicAuth,
            Authorization = isSaid ? authorization : defaults.Authorization,
            OAuth2 = isSaid ? oauth2 : defaults.OAuth2,
            Tls = TlsReader.Read(section) ?? defaults.Tls,
            Proxy = ProxyReader.Read(section) ?? defaults.Proxy,
            FollowRedirects = section.FlagUnlessOff("follow_redirects", defaults.FollowRedirects),
            EnableHttp2 = section.FlagUnlessOff("enable_http2", defaults.EnableHttp2),
            HttpHeaders = HeaderReader.Read(section) ?? defaults.HttpHeaders,
        };
    }

    /// <summary>The ways to authenticate that a section has, of which one is allowed.</summary>
    public static void CheckOneWay(Section section, params ReadOnlySpan<string> others) =>
        section.AtMostOne(["basic_auth", "authorization", "oauth2", "bearer_token", "bearer_token_file", .. others]);

    private static BasicAuthConfig? ReadBasicAuth(Section parent)
    {
        if (parent.Child("basic_auth", BasicAuthFields) is not { } section)
        {
            return null;
        }
        var username = SecretReader.Read(section, "username") ?? Secret.Of("");
        return new BasicAuthConfig(username, SecretReader.Read(section, "password"));
    }

    private static AuthorizationConfig? ReadAuthorization(Section parent)
    {
        if (parent.Child("authorization", AuthorizationFields) is not { } section)
        {
            return null;
        }
        var type = section.Text("type")?.Trim() is { Length: > 0 } text ? text : "Bearer";
        if (type.Equals("basic", StringComparison.OrdinalIgnoreCase))
        {
            section.Refuse(section.Field("type")!.At, "type cannot be basic; use basic_auth instead of authorization");
        }
        return new AuthorizationConfig(type, SecretReader.Read(section, "credentials") ?? Secret.Of(""));
    }

    private static AuthorizationConfig? ReadBearerToken(Section section)
    {
        foreach (var field in (ReadOnlySpan<string>)["bearer_token", "bearer_token_file"])
        {
            if (section.Has(field))
            {
                var isFile = field is "bearer_token_file";
                section.Warn(
                    section.Mapping.Find(field)!.KeyAt,
                    $"{field} is deprecated; authorization has taken its place",
                    Explanations.BearerToken(isFile)
                );
            }
        }
        SecretReader.WarnOfPlainText(section, "bearer_token", Explanations.PlainBearerToken);
        var token =
            SecretReader.ReadText(section, "bearer_token") ?? SecretReader.ReadFile(section, "bearer_token_file");
        return token is null ? null : new AuthorizationConfig("Bearer", token);
    }
}
