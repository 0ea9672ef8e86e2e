using Tributary.Configuration.Advice;
using Tributary.Configuration.Http;
using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Reads our own section, <c>tributary</c>.</summary>
internal static class TributaryReader
{
    /// <summary>The parts of the section, or their defaults when there is none.</summary>
    public static (FederateConfig Federate, QueryConfig Query, WebConfig Web) Read(Section root)
    {
        if (root.Child("tributary", FieldTable.Tributary) is not { } section)
        {
            return (new FederateConfig(), new QueryConfig(), new WebConfig());
        }
        var federate = section.Child("federate", FieldTable.Federate);
        // Its values are read together with those of Prometheus' own section.
        section.Child("storage", FieldTable.Storage)?.Child("retention", FieldTable.Retention);
        return (new FederateConfig(federate?.Flag("metadata", false) ?? false), ReadQuery(section), ReadWeb(section));
    }

    private static QueryConfig ReadQuery(Section tributary)
    {
        if (tributary.Child("query", FieldTable.Query) is not { } section)
        {
            return new QueryConfig();
        }
        var bytes = section.Bytes("max_memory");
        if (bytes is > 0 and < QueryConfig.LeastMemoryBytes)
        {
            section.Refuse(section.At, "max_memory must be 16MiB at least: no query would have an answer");
        }
        return bytes == 0 ? new QueryConfig() : new QueryConfig(bytes);
    }

    private static WebConfig ReadWeb(Section tributary)
    {
        if (tributary.Child("web", FieldTable.Web) is not { } section)
        {
            return new WebConfig();
        }
        var tls = section.Child("tls_server_config", FieldTable.WebTls);
        var certificate = tls?.NonEmptyText("cert_file");
        var key = tls?.NonEmptyText("key_file");
        if (tls is not null && (certificate is null || key is null))
        {
            tls.Refuse(tls.At, $"{(certificate is null ? "cert_file" : "key_file")} is missing; TLS needs both files");
        }
        return new WebConfig
        {
            Users = ReadUsers(section),
            BearerTokens = ReadTokens(section),
            TlsCertificateFile = certificate is null ? null : section.Errors.PathOf(certificate),
            TlsKeyFile = key is null ? null : section.Errors.PathOf(key),
            EnableAdminApi = section.Flag("enable_admin_api", false),
            EnableRemoteWriteReceiver = section.Flag("enable_remote_write_receiver", false),
        };
    }

    private static Dictionary<string, Secret> ReadUsers(Section web)
    {
        var users = new Dictionary<string, Secret>(StringComparer.Ordinal);
        foreach (var entry in web.Map("users"))
        {
            var field = $"users: {Words.Clean(entry.Key)}";
            if (entry.Key.Length == 0 || entry.Key.Contains(':') || entry.Key.Any(char.IsControl))
            {
                web.Refuse(
                    entry.KeyAt,
                    $"users: {Words.Quote(Words.Name(entry.Key))} is no user name: it is empty, or has a colon in it (is there a space behind the colon?)"
                );
            }
            else if (ReadSecret(web, entry.Value, field) is { } hash)
            {
                if (hash.Text is { } text && !IsPasswordHash(text))
                {
                    var what = text.StartsWith("$2", StringComparison.Ordinal)
                        ? "is a bcrypt hash, as in Prometheus' web.yml, and those are not read; make another"
                        : "is no password hash; make one";
                    web.Refuse(entry.Value.At, $"{field} {what} with tributary hash-password");
                }
                users.Add(entry.Key, hash);
            }
        }
        return users;
    }

    private static List<Secret> ReadTokens(Section web)
    {
        var tokens = new List<Secret>();
        foreach (var node in web.List("bearer_tokens"))
        {
            if (ReadSecret(web, node, "bearer_tokens") is not { } token)
            {
                continue;
            }
            if (token.Text is { } text && text.Any(c => c is <= ' ' or > '~'))
            {
                web.Refuse(node.At, "bearer_tokens: a token has a character that no HTTP header can carry");
            }
            if (node is YamlScalar { Text: var written } && SecretReader.IsPlain(written))
            {
                web.Warn(node.At, "bearer_tokens: a token is in plain text", Explanations.PlainWebToken);
            }
            tokens.Add(token);
        }
        return tokens;
    }

    /// <summary>A secret as text, as <c>${env:NAME}</c>, or as <c>file: PATH</c>; null when it is an error.</summary>
    private static Secret? ReadSecret(Section web, YamlNode node, string field)
    {
        if (node is YamlMapping mapping)
        {
            var section = new Section(mapping, web.Below(field), web.Errors);
            section.CheckFields(FieldTable.SecretFile);
            var file = SecretReader.ReadFile(section, "file");
            if (file is null)
            {
                section.Refuse(mapping.At, "file is missing");
            }
            return file;
        }
        var secret = SecretReader.ReadText(web, node, field);
        if (secret is { Text: "" })
        {
            web.Refuse(node.At, $"{field} is empty");
            return null;
        }
        return secret;
    }

    /// <summary>Whether a text can be what ASP.NET Core's password hasher makes, of either version.</summary>
    private static bool IsPasswordHash(string text)
    {
        const int ShortestBytes = 13 + 16 + 16;
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length)
            && length >= ShortestBytes
            && bytes[0] is 0 or 1;
    }
}
