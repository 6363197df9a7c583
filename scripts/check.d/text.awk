# Rules for every text file: licence lines, words on how the project was made, links of documents, length of scripts.
# Variable: tree = file that lists every path. Prints "file:line: rule: message".

BEGIN {
    while ((getline name < tree) > 0) {
        there[name] = 1
        while (sub(/\/[^\/]*$/, "", name))
            there[name] = 1
    }
    # Each pattern is written so that it does not match itself.
    n = 0
    made = "how the text was written"
    word[++n] = "/wor[k]/";                                    why[n] = "a path of one machine"
    word[++n] = "issues? #[0-9]|(fixes|closes|see) #[0-9]";    why[n] = "the number of an issue"
    word[++n] = "(deb[.]debian|pypi|registry[.]npmjs|archive[.]ubuntu|proxy[.]golang)[.](org|com)|crates[.]io"
    why[n] = "the host of a package registry"
    word[++n] = "[^a-z](ll[m]|chatgp[t]|claud[e]|anthropi[c]|opena[i]|copilo[t]|gpt-[0-9])[^a-z]"; why[n] = made
    word[++n] = "[^a-z]larg[e] language mode[l]";              why[n] = made
    word[++n] = "[^a-z](coding|software|autonomous|helper|a[i])[ -](agent|assistant|session)"; why[n] = made
    word[++n] = "[^a-z]sub-?a[g]ent";                          why[n] = made
    word[++n] = "(generated|written|made) (by|with) (an? )?a[i][^a-z]|[^a-z]a[i][ -](generated|written)"; why[n] = made
    word[++n] = "[^a-z](this|an earlier|a previous|the previous|the next|a later) sessio[n][^a-z]"; why[n] = made
    words = n
}

function report(rule, message)
{
    print FILENAME ":" FNR ": " rule ": " message
}

function check_licence(line)
{
    if (line ~ /[Cc]opyright[ :]*(\([cC]\)|\302\251|[0-9][0-9][0-9][0-9])/ && line !~ /The twinward authors/)
        report("licence", "a copyright line of somebody else")
    if (match(line, /SPDX-License-Identifie[r]:[ \t]*/) &&
        substr(line, RSTART + RLENGTH) !~ /^Apache-2\.0([^A-Za-z0-9.-]|$)/)
        report("licence", "another licence than Apache-2.0")
}

function check_words(line,    low, i)
{
    low = " " tolower(line) " "
    for (i = 1; i <= words; i++)
        if (low ~ word[i])
            report("words", why[i])
    if (line ~ /\342\200\224/)
        report("words", "an em dash; use a colon, a comma or two sentences")
}

function resolve(from, link,    path)
{
    path = from
    if (!sub(/\/[^\/]*$/, "/", path))
        path = ""
    path = path link
    while (sub(/(^|\/)\.\//, "/", path))
        ;
    while (path ~ /(^|\/)[^\/.][^\/]*\/\.\.(\/|$)/)
        sub(/[^\/.][^\/]*\/\.\.(\/|$)/, "", path)
    gsub(/\/+/, "/", path)
    sub(/^\//, "", path)
    sub(/\/$/, "", path)
    return path
}

function check_links(line,    link)
{
    while (match(line, /\]\([^) ]+\)/)) {
        link = substr(line, RSTART + 2, RLENGTH - 3)
        line = substr(line, RSTART + RLENGTH)
        sub(/#.*/, "", link)
        if (link == "" || link ~ /^[a-z]+:/)
            continue
        if (!(resolve(FILENAME, link) in there) && resolve(FILENAME, link) != "")
            report("link", "there is no " link)
    }
}

FNR == 1 {
    is_data = FILENAME ~ /\.(json|ndjson|tsv|csv|hl7|xml|svg)$/
    is_script = FILENAME ~ /\.(sh|awk|py|cmake)$/ || FILENAME ~ /^(scripts|\.ci)\/[^.]*$/
    in_fence = 0
}

{
    if (FILENAME != "LICENSE" && FILENAME != "NOTICE") # whose words and facts are in the tree stands in NOTICE
        check_licence($0)
    if (!is_data)
        check_words($0)
    else if ($0 ~ word[1])
        report("words", why[1])
    if (is_script && FNR == 1001)
        report("file", "over 1,000 lines")
    if (is_script && length($0) > 120) {
        width = $0
        gsub(/[\200-\277]/, "", width)
        if (length(width) > 120)
            report("columns", length(width) " columns, 120 at most")
    }
    if (FILENAME ~ /\.md$/) {
        if ($0 ~ /^```/)
            in_fence = !in_fence
        else if (!in_fence)
            check_links($0)
    }
}
