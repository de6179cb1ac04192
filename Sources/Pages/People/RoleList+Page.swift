import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// Roles and permissions in one table. The forms have the field `title`, and one for each permission, called by its name.
    ///
    /// - Parameters:
    ///   - editing: The role whose form came back, or that is being changed; `nil` for a new one.
    public func roles(
        _ matrix: RoleMatrix, editing: String? = nil, rights: PeopleRights, form: FilledForm = FilledForm(),
        in frame: PageFrame
    ) -> String {
        render(RoleListPage(matrix: matrix, editing: editing, rights: rights, form: form), in: frame)
    }
}

struct RoleListPage: Page {
    static let template = "role-list"
    let title = "Roles"
    let place: Place? = .people
    let matrix: RoleMatrix
    let editing: String?
    let rights: PeopleRights
    let form: FilledForm

    private var edited: RoleEntry? { matrix.roles.first { $0.id == editing && !$0.isBuiltIn } }

    func child(named name: String) -> Any? {
        switch name {
        case "peoplePlaces": PeoplePlace.roles.neighbours
        case "columns": matrix.roles.map { RoleColumn(role: $0, mayChange: rights.changesRoles) }
        case "lines": matrix.permissions.map { PermissionLine(permission: $0, roles: matrix.roles) }
        case "own": matrix.roles.filter { !$0.isBuiltIn }.map { RoleColumn(role: $0, mayChange: rights.changesRoles) }
        case "hasOwn": matrix.roles.contains { !$0.isBuiltIn }
        case "mayChangeRoles": rights.changesRoles
        case "formOpen": !form.isUntouched || edited != nil
        case "formProblem": form.problem ?? false
        case "formAction": edited.map { "/roles/\($0.id.asPathSegment)" } ?? "/roles"
        case "formTitle": edited.map { "Change the role \($0.title)" } ?? "Make a role of your own"
        case "formButton": edited == nil ? "Make the role" : "Change the role"
        case "titleField":
            Field(
                name: "title", label: "Name", kind: .text, longest: 40,
                form: form.isUntouched ? FilledForm(values: ["title": edited?.title ?? ""]) : form)
        case "boxesLegend": "Whoever has it may"
        case "permissionProblem": form.problems["permissions"] ?? false
        case "boxes":
            matrix.permissions.filter(\.isChoice).map { permission in
                PermissionBox(
                    permission: permission,
                    isTicked: form.isUntouched
                        ? edited?.permissions.contains(permission.id) ?? false : form.values[permission.id] != nil)
            }
        default: nil
        }
    }
}

struct RoleColumn: MustacheParent {
    let role: RoleEntry
    let mayChange: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "roleTitle": RoleWords.title(role.title)
        case "holders": count(role.people, "person", "people")
        case "changeAddress": mayChange ? "/roles?change=\(role.id.asPathSegment)#role-form" : false
        case "removalAddress": mayChange && role.people == 0 ? "/roles/\(role.id.asPathSegment)/removal" : false
        default: nil
        }
    }
}

struct PermissionLine: MustacheParent {
    let permission: PermissionEntry
    let roles: [RoleEntry]

    func child(named name: String) -> Any? {
        switch name {
        case "permissionTitle": permission.title
        case "permissionName": permission.id
        case "cells": roles.map { PermissionCell(isHeld: $0.permissions.contains(permission.id)) }
        default: nil
        }
    }
}

struct PermissionCell: MustacheParent {
    let isHeld: Bool

    func child(named name: String) -> Any? { name == "isHeld" ? isHeld : nil }
}

struct PermissionBox: MustacheParent {
    let permission: PermissionEntry
    let isTicked: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "boxName": permission.id
        case "boxID": "box-" + permission.id.replacing(".", with: "-")
        case "boxTitle": permission.title
        case "isTicked": isTicked
        default: nil
        }
    }
}
