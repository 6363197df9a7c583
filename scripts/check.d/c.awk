# Rules for C and C++ files: floors, public headers, include order, banned calls, purity, length of functions, files,
# lines. Arguments: paths relative to the top of the tree. Prints "file:line: rule: message".

BEGIN {
    split("base 1 format 2 crypto 2 sbml 2 model 3 fhir 3 text 3 stat 3 sim 3 sedml 3 " \
          "deid 4 sources 4 ledger 4 seal 4 vault 4 fmi 4 radio 4 pop 4 estimate 4 twin 4 petab 4 io 5 " \
          "engine 5 api 5 app 6 serve 7 cli 8", f, " ")
    for (i = 1; i in f; i += 2)
        floor[f[i]] = f[i + 1]

    banned_words = "malloc calloc realloc free strcpy strcat sprintf strtok atoi strtod gmtime localtime rand system " \
                   "printf"
    impure_words = "time clock clock_gettime gettimeofday nanosleep getenv secure_getenv setenv fopen fdopen fwrite " \
                   "fputs puts putchar fputc fprintf vprintf vfprintf perror getrandom getentropy randombytes " \
                   "randombytes_buf randombytes_uniform RAND_bytes srand random"
    n_banned = split(banned_words, banned, " ")
    n_impure = split(impure_words, impure, " ")
    banned_any = any_call(banned_words)
    impure_any = any_call(impure_words)

    split("aio.h arpa/inet.h assert.h complex.h ctype.h dirent.h dlfcn.h endian.h errno.h fcntl.h fenv.h fnmatch.h " \
          "ftw.h getopt.h glob.h grp.h inttypes.h iso646.h langinfo.h libgen.h limits.h locale.h malloc.h math.h " \
          "netdb.h poll.h pthread.h pwd.h regex.h sched.h semaphore.h setjmp.h signal.h spawn.h stdalign.h stdarg.h " \
          "stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h stdnoreturn.h string.h strings.h syslog.h " \
          "termios.h tgmath.h threads.h time.h uchar.h unistd.h utime.h wchar.h wctype.h wordexp.h", c, " ")
    for (i in c)
        c_header[c[i]] = 1

    split("aio.h dirent.h dlfcn.h fcntl.h netdb.h poll.h signal.h spawn.h syslog.h termios.h time.h unistd.h", e, " ")
    for (i in e)
        effect_header[e[i]] = 1

    # Headers that make what nobody else may make, and the files that may include them.
    door["model/deid_make.h"] = "^(src/(deid/gate|model/record)\\.c$|tests/support/)"
    door["model/seal_make.h"] = "^(src/(seal|model)/|tests/support/)"
}

# A cheap first look for lines that may call one of the words.
function any_call(words)
{
    gsub(/ /, "|", words)
    return "(" words ")[ \t]*\\("
}

function report(rule, message)
{
    print path ":" FNR ": " rule ": " message
}

# A finding that a comment on the line may lift.
function report_unless_allowed(word, rule, message)
{
    if (word in allowed)
        allowed[word] = 1
    else
        report(rule, message)
}

# The line without comments, literals emptied; keeps track of comments over several lines.
function code_of(line,    out, mark)
{
    out = ""
    while (line != "") {
        if (in_comment) {
            at = index(line, "*/")
            if (!at)
                return out
            line = substr(line, at + 2)
            in_comment = 0
            out = out " "
        }
        if (!match(line, /\/\*|\/\/|"|'/))
            return out line
        mark = substr(line, RSTART, RLENGTH)
        out = out substr(line, 1, RSTART - 1)
        line = substr(line, RSTART + RLENGTH)
        if (mark == "/*")
            in_comment = 1
        else if (mark == "//")
            return out
        else {
            out = out mark mark
            line = after_literal(line, mark)
        }
    }
    return out
}

function after_literal(line, mark,    pattern)
{
    pattern = mark == "'" ? "[\\\\']" : "[\\\\\"]"
    while (match(line, pattern)) {
        if (substr(line, RSTART, 1) != "\\")
            return substr(line, RSTART + 1)
        line = substr(line, RSTART + 2)
    }
    return ""
}

# Comments of the form: check: allow WORD: reason
function read_escapes(line,    text, word)
{
    split("", allowed)
    while (match(line, /check: allow [a-z0-9_]+/)) {
        word = substr(line, RSTART + 13, RLENGTH - 13)
        text = substr(line, RSTART + RLENGTH)
        allowed[word] = 0
        if (text !~ /^: *[A-Za-z]/)
            report("escape", "'check: allow " word "' gives no reason")
        line = text
    }
}

function unused_escapes(    word)
{
    for (word in allowed)
        if (!allowed[word])
            report("escape", "nothing on this line needs 'check: allow " word "'")
}

function has_call(code, word)
{
    return code ~ ("(^|[^A-Za-z0-9_.>])" word "[ \t]*\\(")
}

function check_calls(code,    i)
{
    if (room != "base" && code ~ banned_any)
        for (i = 1; i <= n_banned; i++)
            if (!(is_test && banned[i] == "printf") && has_call(code, banned[i]))
                report_unless_allowed(banned[i], "banned", banned[i] "() is banned outside src/base")
    if (!is_pure)
        return
    if (code ~ impure_any)
        for (i = 1; i <= n_impure; i++)
            if (has_call(code, impure[i]))
                report_unless_allowed(impure[i], "pure", impure[i] "() has an effect; effects come by cx->env")
    if (code ~ /crypto_[a-z0-9_]*_(random|keygen)[ \t]*\(/ ||
        (code ~ /crypto_[a-z0-9_]*keypair[ \t]*\(/ && code !~ /seed_keypair/))
        report_unless_allowed("entropy", "pure", "draws randomness of its own; take it from cx->env")
    if (code ~ /(^|[^A-Za-z0-9_])(stdout|stderr|stdin|environ)($|[^A-Za-z0-9_])/)
        report_unless_allowed("stdio", "pure", "touches the process's streams or environment")
    if (!is_header && code ~ /^[a-z_]/ && code !~ /\(/ && code ~ /[;=]/ &&
        code !~ /(^|[^A-Za-z0-9_])const([^A-Za-z0-9_]|$)/ &&
        code !~ /^(typedef|struct|union|enum|extern|using|namespace) /)
        report_unless_allowed("global", "pure", "a variable that outlives its call; floors 2 to 4 keep no state")
}

function check_braces(code,    head)
{
    if (code ~ /^\{[ \t]*$/ && !body_start)
        body_start = FNR
    else if (code ~ /^\}/ && body_start) {
        if (FNR - body_start + 1 > 70)
            print path ":" body_start ": function: " (FNR - body_start + 1) " lines, 70 at most"
        body_start = 0
    } else if (!body_start && code ~ /^[A-Za-z_].*\)[ \t]*\{/) {
        head = code
        sub(/\{.*/, "", head)
        if (head !~ /=/)
            report("brace", "a function's opening brace stands alone in the first column")
    }
}

# ---- includes

function group_of(name, quoted, own)
{
    if (quoted)
        return own && last_group <= 0 ? 0 : 3
    if (name in c_header || name ~ /^(sys|netinet|net|linux)\// || (path ~ /\.(cc|cpp)$/ && name !~ /\.h$/))
        return 1
    return 2
}

function check_order(name, quoted, own,    group)
{
    if (code_seen || name == "test.h")
        return
    group = group_of(name, quoted, own)
    if (own && group == 0)
        own_first = 1
    if (own && group == 3 && !own_first && !is_header && !is_test)
        report("order", "a file's own header comes first")
    else if (group < last_group)
        report("order", "own header, C, libraries, ours: <" name "> comes too late")
    else if (group == last_group && name "" < last_name "" && group > 0)
        report("order", name " stands after " last_name "; a block is sorted")
    last_group = group
    last_name = name
}

function check_floor(name, target,    rest)
{
    rest = substr(name, length(target) + 2)
    if (room != "" && floor[target] > floor[room])
        report("floor", room " (floor " floor[room] ") may not look up to " target " (floor " floor[target] ")")
    else if (room != "" && floor[target] == floor[room])
        report("floor", room " and " target " share a floor and may not include each other")
    if (!(name in door) && target != "base" && rest != target ".h")
        report("public", "of a room only " target "/" target ".h may be included from outside")
}

function check_include(line,    quoted, name, target, own, full)
{
    quoted = line ~ /^[ \t]*#[ \t]*include[ \t]*"/
    name = line
    sub(/^[ \t]*#[ \t]*include[ \t]*["<]/, "", name)
    sub(/[">].*/, "", name)
    target = name
    sub(/\/.*/, "", target)
    own = 0
    if (quoted) {
        if (name !~ /\//)
            own = name != "test.h"
        else if (target == room)
            own = 1
        else if (target in floor)
            check_floor(name, target)
        full = name ~ /\// ? name : room "/" name
        if (full in door && path !~ door[full])
            report("gate", full " is a door for " door[full] " alone")
        if (name ~ /(^|\/)\.\.?\//)
            report("public", "includes are written from src, without dots")
    } else if (room != "" && floor[room] <= 4 && !is_test &&
               (name in effect_header || name ~ /^(sys|net|netinet|arpa)\//)) {
        report("pure", "<" name "> is for effects; floors 1 to 4 are pure")
    }
    check_order(name, quoted, own)
}

# ---- files

function end_file()
{
    if (path == "")
        return
    if (lines > 1000 && !generated)
        print path ":" lines ": file: " lines " lines, 1,000 at most"
    if (body_start)
        print path ":" body_start ": function: no closing brace in the first column"
}

FNR == 1 {
    end_file()
    path = FILENAME
    room = ""
    if (path ~ /^src\/[^\/]+\//) {
        room = substr(path, 5)
        sub(/\/.*/, "", room)
        if (!(room in floor)) {
            report("floor", "room " room " stands on no floor")
            room = ""
        }
    }
    is_header = path ~ /\.(h|inc)$/
    is_test = path ~ /(^|\/)test_[^\/]*$/ || path ~ /^(tests|fuzz|bench)\//
    is_pure = room != "" && floor[room] >= 2 && floor[room] <= 4 && !is_test
    in_comment = code_seen = body_start = generated = own_first = 0
    last_group = -1
    last_name = ""
}

{
    lines = FNR
    if (FNR <= 5 && match($0, /generated by scripts\/[A-Za-z0-9_.-]+/)) {
        maker = substr($0, RSTART + 13, RLENGTH - 13)
        generated = 1
        if ((getline junk < maker) < 0)
            report("file", "says that it is generated by " maker ", which is not there")
        close(maker)
    }
    width = $0
    gsub(/[\200-\277]/, "", width)
    if (length(width) > 120 && !generated)
        report("columns", length(width) " columns, 120 at most")
    read_escapes($0)
    if (!in_comment && $0 ~ /^[ \t]*#[ \t]*include[ \t]*["<]/) {
        check_include($0)
        code_of($0)
    } else {
        code = code_of($0)
        if (code ~ /^[ \t]*#[ \t]*(if|ifdef|ifndef|else|elif|endif)/) {
            last_group = last_group <= 0 ? last_group : 1
            last_name = ""
        } else if (code !~ /^[ \t]*(#|$)/) {
            code_seen = 1
        }
        check_calls(code)
        check_braces(code)
    }
    unused_escapes()
}

END {
    end_file()
}
